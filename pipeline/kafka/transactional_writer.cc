#include "pipeline/kafka/transactional_writer.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "pipeline/kafka/kafka_generation.h"
#include "pipeline/kafka/offset_list.h"
#include "pipeline/kafka/write_errors.h"

namespace tocsin {
namespace {

constexpr int kSliceMs = 100;
// A call that cannot be cancelled, and that the writer's end has to wait for.
constexpr int kSendMs = 4000;
constexpr auto kSlice = std::chrono::milliseconds(kSliceMs);

}  // namespace

TransactionalWriter::TransactionalWriter(const KafkaSettings& settings, KafkaLog log,
                                         KafkaHealth& health)
    : sender_(settings, std::move(log), health),
      send_timeout_ms_(std::min(settings.transaction_timeout_ms, kSendMs)) {}

WriteOutcome TransactionalWriter::open() {
  if (!sending_.wait(kSlice)) return {WriteStatus::retry, "offsets are still being sent"};
  if (phase_ == Phase::closed || phase_ == Phase::ready) {
    is_in_transaction_ = false;
    phase_ = Phase::closed;
    if (auto renewed = sender_.renew(); !renewed) {
      return {WriteStatus::stop, renewed.error().message};
    }
    phase_ = Phase::initialising;
  }
  if (phase_ == Phase::initialising) {
    auto outcome =
        folded(RdPtr<rd_kafka_error_t>(rd_kafka_init_transactions(sender_.client(), kSliceMs)));
    if (outcome.status == WriteStatus::resend) outcome.status = WriteStatus::reopen;
    if (outcome.status == WriteStatus::reopen) phase_ = Phase::closed;
    if (outcome.status != WriteStatus::ok) return outcome;
    phase_ = Phase::warming;
  }
  auto outcome = sender_.warm_up(kSliceMs);
  if (outcome.status == WriteStatus::ok) phase_ = Phase::ready;
  return outcome;
}

WriteOutcome TransactionalWriter::begin() {
  if (phase_ != Phase::ready) return {WriteStatus::reopen, "the writer is not open"};
  sender_.begin();
  auto outcome = folded(RdPtr<rd_kafka_error_t>(rd_kafka_begin_transaction(sender_.client())));
  is_in_transaction_ = outcome.status == WriteStatus::ok;
  return outcome;
}

std::size_t TransactionalWriter::produce(std::span<const WriteRecord> records) {
  return is_in_transaction_ ? sender_.produce(records) : 0;
}

WriteOutcome TransactionalWriter::hidden_error() {
  // Beginning inside a transaction is refused without effect, and the refusal tells the state.
  const RdPtr<rd_kafka_error_t> error(rd_kafka_begin_transaction(sender_.client()));
  if (!error) return {WriteStatus::reopen, "librdkafka has left the transaction"};
  if (rd_kafka_error_code(error.get()) == RD_KAFKA_RESP_ERR__STATE &&
      rd_kafka_error_is_fatal(error.get()) == 0 &&
      rd_kafka_error_txn_requires_abort(error.get()) == 0) {
    return {};
  }
  return folded(error);
}

WriteOutcome TransactionalWriter::flush() {
  WriteOutcome outcome = sender_.flush(kSliceMs);
  if (outcome.status != WriteStatus::retry || !is_in_transaction_) return outcome;
  // After an error of its own librdkafka sends nothing more, and would let the records time out.
  WriteOutcome hidden = hidden_error();
  if (hidden.status == WriteStatus::ok) return outcome;
  // A refusal is such an error: the transaction will be aborted, and the rest with it.
  return hidden.status == WriteStatus::resend && !refused().empty() ? WriteOutcome{} : hidden;
}

WriteOutcome TransactionalWriter::send_offsets(std::span<const OffsetToCommit> offsets,
                                               const GenerationRef& generation) {
  if (!sending_.is_under_way()) {
    if (auto trouble = sender_.trouble(); trouble.status != WriteStatus::ok) return trouble;
    if (offsets.empty()) return {};
    const auto bound = std::dynamic_pointer_cast<const KafkaGeneration>(generation);
    if (!bound || bound->metadata() == nullptr) {
      return {WriteStatus::resend, "the offsets are of no generation of this group",
              WriteCause::passed};
    }
    // std::function wants to be copied: the list is shared by the call and nobody else.
    const std::shared_ptr<rd_kafka_topic_partition_list_t> list = offset_list(offsets);
    sending_.start([this, list, bound] {
      sent_ = folded(RdPtr<rd_kafka_error_t>(rd_kafka_send_offsets_to_transaction(
          sender_.client(), list.get(), bound->metadata(), send_timeout_ms_)));
    });
  }
  if (!sending_.wait(kSlice)) return {WriteStatus::retry, "offsets are still being sent"};
  return std::exchange(sent_, {});
}

WriteOutcome TransactionalWriter::commit() {
  if (auto trouble = sender_.trouble(); trouble.status != WriteStatus::ok) return trouble;
  auto outcome =
      folded(RdPtr<rd_kafka_error_t>(rd_kafka_commit_transaction(sender_.client(), kSliceMs)));
  if (outcome.status == WriteStatus::ok) is_in_transaction_ = false;
  return outcome;
}

WriteOutcome TransactionalWriter::abort() {
  if (!sending_.wait(kSlice)) return {WriteStatus::retry, "offsets are still being sent"};
  if (!is_in_transaction_) return {};
  // An abort before anything was delivered can be fatal in librdkafka (its issue 4849).
  if (sender_.is_under_way() && !sender_.any_reported()) {
    WriteOutcome flushed = sender_.flush(kSliceMs);
    if (flushed.status == WriteStatus::reopen) return flushed;
    if (sender_.is_under_way() && !sender_.any_reported() &&
        hidden_error().status == WriteStatus::ok) {
      return {WriteStatus::retry, "waiting for a first delivery before aborting"};
    }
  }
  auto outcome =
      folded(RdPtr<rd_kafka_error_t>(rd_kafka_abort_transaction(sender_.client(), kSliceMs)));
  if (outcome.status == WriteStatus::resend) outcome.status = WriteStatus::retry;
  if (outcome.status == WriteStatus::ok) is_in_transaction_ = false;
  return outcome;
}

}  // namespace tocsin
