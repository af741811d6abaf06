#include "pipeline/kafka/record_trimmer.h"

#include <algorithm>
#include <array>
#include <span>

#include "pipeline/kafka/topic_requests.h"

namespace tocsin {
namespace {

constexpr int kPatienceMs = 10'000;

}  // namespace

RecordTrimmer::RecordTrimmer(rd_kafka_t* client, KafkaLog log, StateLogHealth& health)
    : client_(client),
      log_(std::move(log)),
      health_(health),
      answers_(rd_kafka_queue_new(client)) {}

void RecordTrimmer::want(const std::string& topic, std::int32_t partition, std::int64_t offset) {
  std::int64_t& wanted = wanted_[{topic, partition}];
  wanted = std::max(wanted, offset);
}

void RecordTrimmer::serve() {
  if (under_way_ > 0) {
    const RdPtr<rd_kafka_event_t> answer(rd_kafka_queue_poll(answers_.get(), 0));
    if (!answer) return;
    note(answer.get());
    under_way_ = 0;
  }
  if (!wanted_.empty()) send();
}

void RecordTrimmer::send() {
  const RdPtr<rd_kafka_topic_partition_list_t> list(
      rd_kafka_topic_partition_list_new(static_cast<int>(wanted_.size())));
  for (const auto& [place, offset] : wanted_) {
    rd_kafka_topic_partition_list_add(list.get(), place.first.c_str(), place.second)->offset =
        offset;
  }
  under_way_ = wanted_.size();
  wanted_.clear();
  const RequestPtr<rd_kafka_DeleteRecords_t> request(rd_kafka_DeleteRecords_new(list.get()));
  const RequestPtr<rd_kafka_AdminOptions_t> options(
      rd_kafka_AdminOptions_new(client_, RD_KAFKA_ADMIN_OP_DELETERECORDS));
  std::array<char, 256> why{};
  rd_kafka_AdminOptions_set_request_timeout(options.get(), kPatienceMs, why.data(), why.size());
  rd_kafka_DeleteRecords_t* pointer = request.get();
  rd_kafka_DeleteRecords(client_, &pointer, 1, options.get(), answers_.get());
}

void RecordTrimmer::note(rd_kafka_event_t* answer) {
  const auto* result = rd_kafka_event_DeleteRecords_result(answer);
  if (const auto error = rd_kafka_event_error(answer);
      error != RD_KAFKA_RESP_ERR_NO_ERROR || result == nullptr) {
    health_.failed_trims.add(under_way_);
    note_failure(error, "state topics");
    return;
  }
  const auto* offsets = rd_kafka_DeleteRecords_result_offsets(result);
  for (const auto& place : std::span(offsets->elems, static_cast<std::size_t>(offsets->cnt))) {
    if (place.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      health_.trims.add();
    } else {
      health_.failed_trims.add();
      note_failure(place.err, place.topic);
    }
  }
}

void RecordTrimmer::note_failure(rd_kafka_resp_err_t error, const std::string& what) {
  if (!said_.insert(error).second || !log_) return;
  log_(4, "TRIM",
       "old records of " + what + " are not deleted: " + rd_kafka_err2name(error) + ": " +
           rd_kafka_err2str(error) + "; they only take up room on the brokers");
}

}  // namespace tocsin
