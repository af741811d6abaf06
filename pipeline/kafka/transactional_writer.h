// The writer of exactly-once. Internal to this folder.

#pragma once

#include "pipeline/kafka/background_call.h"
#include "pipeline/kafka/record_sender.h"
#include "pipeline/log/log.h"

namespace tocsin {

/// Threads: one caller; sending offsets blocks a thread of its own, because librdkafka cannot
/// take that call up again after a timeout: it would have to abort.
class TransactionalWriter final : public LogWriter {
 public:
  TransactionalWriter(const KafkaSettings& settings, KafkaLog log, KafkaHealth& health);

  WriteOutcome open() override;
  WriteOutcome begin() override;
  std::size_t produce(std::span<const WriteRecord> records) override;
  WriteOutcome flush() override;
  std::span<const RefusedRecord> refused() const override { return sender_.refused(); }
  std::span<const PlacedRecord> placed() const override { return sender_.placed(); }
  WriteOutcome send_offsets(std::span<const OffsetToCommit> offsets,
                            const GenerationRef& generation) override;
  WriteOutcome commit() override;
  WriteOutcome abort() override;

 private:
  enum class Phase : std::uint8_t { closed, initialising, warming, ready };

  /// Why the transaction cannot go on, if librdkafka thinks so; it has no other way to ask.
  WriteOutcome hidden_error();

  RecordSender sender_;
  const int send_timeout_ms_;
  Phase phase_ = Phase::closed;
  bool is_in_transaction_ = false;
  WriteOutcome sent_;       // By the background call.
  BackgroundCall sending_;  // Last: it ends before what it uses.
};

}  // namespace tocsin
