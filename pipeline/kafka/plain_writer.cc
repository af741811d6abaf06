#include "pipeline/kafka/plain_writer.h"

#include <memory>
#include <string>
#include <utility>

#include "pipeline/kafka/kafka_generation.h"
#include "pipeline/kafka/offset_list.h"
#include "pipeline/kafka/write_errors.h"

namespace tocsin {
namespace {

constexpr int kSliceMs = 100;

WriteStatus status_of_commit(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
    case RD_KAFKA_RESP_ERR__NO_OFFSET:
      return WriteStatus::ok;
    case RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID:
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
    case RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS:
      return WriteStatus::resend;
    case RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE:
    case RD_KAFKA_RESP_ERR__DESTROY:
    case RD_KAFKA_RESP_ERR__FATAL:
      return WriteStatus::stop;
    default:
      return is_authorisation(error) ? WriteStatus::stop : WriteStatus::retry;
  }
}

}  // namespace

PlainWriter::PlainWriter(const KafkaSettings& settings, rd_kafka_t* consumer, KafkaLog log,
                         KafkaHealth& health)
    : sender_(settings, std::move(log), health),
      consumer_(consumer),
      answers_(consumer != nullptr ? rd_kafka_queue_new(consumer) : nullptr) {}

WriteOutcome PlainWriter::open() {
  if (!is_open_) {
    if (auto renewed = sender_.renew(); !renewed) {
      return {WriteStatus::stop, renewed.error().message};
    }
    is_open_ = true;
  }
  return sender_.warm_up(kSliceMs);
}

WriteOutcome PlainWriter::begin() {
  if (!is_open_) return {WriteStatus::reopen, "the writer is not open"};
  sender_.begin();
  offsets_.reset();
  return {};
}

std::size_t PlainWriter::produce(std::span<const WriteRecord> records) {
  return is_open_ ? sender_.produce(records) : 0;
}

WriteOutcome PlainWriter::flush() {
  WriteOutcome outcome = sender_.flush(kSliceMs);
  if (outcome.status == WriteStatus::reopen) is_open_ = false;
  return outcome;
}

WriteOutcome PlainWriter::send_offsets(std::span<const OffsetToCommit> offsets,
                                       const GenerationRef& generation) {
  if (auto trouble = sender_.trouble(); trouble.status != WriteStatus::ok) return trouble;
  if (offsets.empty()) return {};
  if (consumer_ == nullptr) return {WriteStatus::stop, "offsets need a member of the group"};
  const auto* bound = dynamic_cast<const KafkaGeneration*>(generation.get());
  if (bound == nullptr || !bound->is_current(consumer_)) {
    return {WriteStatus::resend, "the group's generation has passed", WriteCause::passed};
  }
  offsets_ = offset_list(offsets);
  return {};
}

WriteOutcome PlainWriter::commit() {
  if (auto trouble = sender_.trouble(); trouble.status != WriteStatus::ok) return trouble;
  if (!offsets_ || offsets_->cnt == 0) return {};
  if (!is_asked_) {
    const auto asked =
        rd_kafka_commit_queue(consumer_, offsets_.get(), answers_.get(), nullptr, nullptr);
    if (asked != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return {status_of_commit(asked), rd_kafka_err2str(asked)};
    }
    is_asked_ = true;
  }
  WriteOutcome outcome = answer();
  if (outcome.status == WriteStatus::ok) offsets_.reset();
  return outcome;
}

WriteOutcome PlainWriter::answer() {
  const RdPtr<rd_kafka_event_t> event(rd_kafka_queue_poll(answers_.get(), kSliceMs));
  if (!event) return {WriteStatus::retry, "the offsets are still being committed"};
  is_asked_ = false;
  const auto error = rd_kafka_event_error(event.get());
  if (status_of_commit(error) == WriteStatus::ok) return {};
  return {status_of_commit(error),
          std::string("offsets are not committed: ") + rd_kafka_event_error_string(event.get()),
          cause_of(error)};
}

WriteOutcome PlainWriter::abort() {
  if (!is_open_) return {};
  // An answer that still comes must not be taken for the next commit's.
  if (is_asked_) static_cast<void>(answer());
  if (is_asked_) return {WriteStatus::retry, "the offsets are still being committed"};
  WriteOutcome outcome = flush();
  if (outcome.status == WriteStatus::resend) outcome = {};
  if (outcome.status == WriteStatus::ok) offsets_.reset();
  return outcome;
}

}  // namespace tocsin
