// The part of a writer that sends records and keeps account of their delivery. Internal to this
// folder.

#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/kafka/client.h"
#include "pipeline/kafka/send_queue.h"
#include "pipeline/log/log.h"

namespace tocsin {

/// A producer and the records under way in it.
///
/// Threads: one; delivery reports are served by its own calls.
class RecordSender {
 public:
  RecordSender(const KafkaSettings& settings, KafkaLog log, KafkaHealth& health);
  RecordSender(const RecordSender&) = delete;
  RecordSender& operator=(const RecordSender&) = delete;
  ~RecordSender() = default;

  /// Makes a new producer; the old one and what was under way in it are forgotten.
  Result<void> renew();
  /// Ok once librdkafka knows every topic: the first record of an unknown one waits up to a second.
  WriteOutcome warm_up(int timeout_ms);

  /// Begins a new series of records; nothing is under way.
  void begin();
  std::size_t produce(std::span<const WriteRecord> records);
  /// Ok once nothing is under way and nothing failed, refusals aside.
  WriteOutcome flush(int timeout_ms);
  std::span<const RefusedRecord> refused() const { return refused_; }
  std::span<const PlacedRecord> placed() const { return placed_; }

  /// What went wrong so far, refusals included: such a series cannot be committed.
  WriteOutcome trouble() const;
  bool is_under_way() const { return under_way_ > 0; }
  bool any_reported() const { return reported_ > 0; }
  rd_kafka_t* client() const { return client_.get(); }

 private:
  struct Topic {
    std::atomic<std::int32_t> partitions{1};  // As librdkafka said last; 0: by name, and not yet.
    bool is_counted = false;                  // Asked in this series.
    std::string name;
    RdPtr<rd_kafka_topic_t> handle;  // Last: it refers to the rest.

    std::int32_t count() const { return partitions.load(std::memory_order_relaxed); }
  };
  static void on_delivery(rd_kafka_t* client, const rd_kafka_message_t* message, void* opaque);

  static std::int32_t partition_by_key(const rd_kafka_topic_t* topic, const void* key,
                                       std::size_t size, std::int32_t partitions,
                                       void* topic_opaque, void* message_opaque);

  Result<std::size_t> add_topic(const std::string& name, const char* codec);
  rd_kafka_resp_err_t ask_partitions(Topic& topic, int timeout_ms);
  std::size_t topic_of(const WriteRecord& record) const;
  std::size_t count_known(std::span<const WriteRecord> records);
  bool is_known(const WriteRecord& record) const;
  bool becomes_known(const WriteRecord& record);
  std::int32_t partition_for(const WriteRecord& record) const;
  void send_waiting();
  int send_all(int timeout_ms);
  std::size_t sendable() const;
  /// Adds a record without headers to `batch_`, which holds records of one place.
  void add_to_batch(const WriteRecord& record, std::int32_t partition, std::size_t index);
  void send_batch();
  rd_kafka_resp_err_t send_one(const WriteRecord& record, std::int32_t partition,
                               std::size_t index);
  void account(rd_kafka_resp_err_t error, std::size_t index);
  void note_place(const rd_kafka_message_t& message);
  void fail(rd_kafka_resp_err_t error);
  WriteOutcome death() const;

  const KafkaSettings settings_;
  ClientContext context_;
  RdPtr<rd_kafka_t> client_;
  std::vector<std::unique_ptr<Topic>> topics_;             // [output topics], then those by name.
  std::map<std::string, std::size_t, std::less<>> named_;  // Into topics_; made when first met.
  std::size_t warm_ = 0;                                   // Topics that are known.

  std::uint32_t series_ = 0;
  SendQueue queue_;            // What librdkafka does not have yet.
  std::size_t under_way_ = 0;  // Given to librdkafka and not reported.
  std::size_t reported_ = 0;   // Of this series.
  std::vector<RefusedRecord> refused_;
  std::vector<PlacedRecord> placed_;
  WriteOutcome failure_;  // The first that is not a refusal.
  std::string missing_;   // Why the next record cannot be sent yet, for `flush` to say.

  std::size_t batch_topic_ = 0;
  std::vector<rd_kafka_message_t> batch_;  // Reused.
  std::vector<rd_kafka_vu_t> fields_;      // Reused.
};

}  // namespace tocsin
