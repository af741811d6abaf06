#include "pipeline/kafka/offset_queries.h"

#include <chrono>
#include <thread>
#include <utility>

namespace tocsin {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kPatience = std::chrono::seconds(1);
constexpr auto kBackOff = std::chrono::milliseconds(50);
constexpr int kSliceMs = 1000;

bool is_final(rd_kafka_resp_err_t error) {
  return is_authorisation(error) || error == RD_KAFKA_RESP_ERR__FATAL ||
         error == RD_KAFKA_RESP_ERR__DESTROY || error == RD_KAFKA_RESP_ERR__INVALID_ARG;
}

// Asks until there is an answer, an error that no waiting mends, or no patience left.
template <class Ask>
rd_kafka_resp_err_t ask_patiently(const Ask& ask) {
  const auto deadline = Clock::now() + kPatience;
  rd_kafka_resp_err_t error = ask();
  while (error != RD_KAFKA_RESP_ERR_NO_ERROR && !is_final(error) && Clock::now() < deadline) {
    std::this_thread::sleep_for(kBackOff);  // Back-off at the edge: the broker asked us to wait.
    error = ask();
  }
  return error;
}

template <class T>
Asked<T> no_answer(const char* question, Place place, rd_kafka_resp_err_t error) {
  return {.answer = std::nullopt,
          .reason = std::string("the broker does not tell the ") + question + " of " + place.topic +
                    " [" + std::to_string(place.partition) + "]: " + rd_kafka_err2name(error) +
                    ": " + rd_kafka_err2str(error),
          .is_forbidden = is_authorisation(error)};
}

}  // namespace

Asked<std::optional<CommittedOffset>> ask_committed(rd_kafka_t* consumer, Place place) {
  std::optional<CommittedOffset> found;
  const auto ask = [&] {
    RdPtr<rd_kafka_topic_partition_list_t> list(rd_kafka_topic_partition_list_new(1));
    const auto* answer =
        rd_kafka_topic_partition_list_add(list.get(), place.topic.c_str(), place.partition);
    const auto error = rd_kafka_committed(consumer, list.get(), kSliceMs);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return error;
    if (answer->err != RD_KAFKA_RESP_ERR_NO_ERROR) return answer->err;
    if (answer->offset >= 0) {
      found = CommittedOffset{.offset = answer->offset, .metadata = {}};
      if (answer->metadata != nullptr) {
        found->metadata.assign(static_cast<const char*>(answer->metadata), answer->metadata_size);
      }
    }
    return RD_KAFKA_RESP_ERR_NO_ERROR;
  };
  const auto error = ask_patiently(ask);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return no_answer<std::optional<CommittedOffset>>("committed offset", place, error);
  }
  return {.answer = std::move(found), .reason = {}};
}

Asked<Watermarks> ask_watermarks(rd_kafka_t* client, Place place) {
  Watermarks marks;
  const auto error = ask_patiently([&] {
    return rd_kafka_query_watermark_offsets(client, place.topic.c_str(), place.partition,
                                            &marks.low, &marks.high, kSliceMs);
  });
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return no_answer<Watermarks>("watermarks", place, error);
  }
  return {.answer = marks, .reason = {}};
}

}  // namespace tocsin
