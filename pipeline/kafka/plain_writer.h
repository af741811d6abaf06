// The writer of at-least-once: no transactions, offsets after delivery. Internal to this folder.

#pragma once

#include "pipeline/kafka/record_sender.h"
#include "pipeline/log/log.h"

namespace tocsin {

/// Threads: one caller. It commits through the reader's client, which librdkafka allows from any
/// thread.
class PlainWriter final : public LogWriter {
 public:
  /// `consumer` outlives the writer; null: no offsets are committed.
  PlainWriter(const KafkaSettings& settings, rd_kafka_t* consumer, KafkaLog log,
              KafkaHealth& health);

  WriteOutcome open() override;
  WriteOutcome begin() override;
  std::size_t produce(std::span<const WriteRecord> records) override;
  WriteOutcome flush() override;
  std::span<const RefusedRecord> refused() const override { return sender_.refused(); }
  std::span<const PlacedRecord> placed() const override { return sender_.placed(); }
  WriteOutcome send_offsets(std::span<const OffsetToCommit> offsets,
                            const GenerationRef& generation) override;
  WriteOutcome commit() override;
  /// What was sent stays: the same ids come again, and the first occurrence wins.
  WriteOutcome abort() override;

 private:
  /// Takes the answer to a commit; retry while there is none.
  WriteOutcome answer();

  RecordSender sender_;
  rd_kafka_t* consumer_;
  RdPtr<rd_kafka_queue_t> answers_;
  RdPtr<rd_kafka_topic_partition_list_t> offsets_;  // To commit.
  bool is_open_ = false;
  bool is_asked_ = false;  // A commit is under way.
};

}  // namespace tocsin
