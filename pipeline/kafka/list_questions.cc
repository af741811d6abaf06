#include "pipeline/kafka/list_questions.h"

#include <algorithm>
#include <string>
#include <thread>
#include <utility>

namespace tocsin {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;
using List = RdPtr<rd_kafka_topic_partition_list_t>;

constexpr auto kBackOff = milliseconds(50);

/// The first error of an answer, be it of the whole or of a partition.
struct Trouble {
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::string where;
};

Trouble trouble_of(rd_kafka_resp_err_t error, const List& list) {
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return {error, {}};
  for (const auto& one : elements_of(*list)) {
    if (one.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return {one.err, std::string(" of ") + one.topic + "/" + std::to_string(one.partition)};
    }
  }
  return {};
}

/// Asks, each time with a list made anew, until every partition has its answer.
template <class Question>
Asked<List> ask(const Asker& asker, const char* what, milliseconds patience,
                const Question& question) {
  const auto deadline = Clock::now() + patience;
  while (true) {
    List list;
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - Clock::now());
    const Trouble trouble =
        trouble_of(question(list, static_cast<int>(std::max(left, kBackOff).count())), list);
    rd_kafka_poll(asker.client, 0);  // Errors, for the health.
    if (trouble.error == RD_KAFKA_RESP_ERR_NO_ERROR) return {.answer = std::move(list)};
    const bool is_forbidden = is_authorisation(trouble.error) || asker.context.is_forbidden;
    if (is_forbidden || asker.context.dead || left <= milliseconds(0)) {
      std::string reason = std::string("the brokers do not tell the ") + what + trouble.where +
                           ": " + rd_kafka_err2name(trouble.error) + ": " +
                           rd_kafka_err2str(trouble.error);
      if (asker.context.dead) reason += "; " + *asker.context.dead;
      return {.reason = std::move(reason), .is_forbidden = is_forbidden};
    }
    std::this_thread::sleep_for(kBackOff);  // Back-off at the edge: nothing rings for an answer.
  }
}

}  // namespace

RdPtr<rd_kafka_topic_partition_list_t> list_of(std::span<const TopicPartition> partitions,
                                               std::int64_t offset) {
  List list(rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
  for (const TopicPartition& one : partitions) {
    rd_kafka_topic_partition_list_add(list.get(), one.topic.c_str(), one.partition)->offset =
        offset;
  }
  return list;
}

std::span<const rd_kafka_topic_partition_t> elements_of(
    const rd_kafka_topic_partition_list_t& list) {
  return {list.elems, static_cast<std::size_t>(list.cnt)};
}

Asked<std::vector<std::int64_t>> ask_offsets(const Asker& asker,
                                             std::span<const TopicPartition> partitions,
                                             std::int64_t time_ms, milliseconds patience) {
  std::vector<std::int64_t> offsets;
  if (partitions.empty()) return {.answer = offsets};
  const auto asked = ask(asker, "offset by time", patience, [&](List& list, int timeout_ms) {
    list = list_of(partitions, time_ms);
    return rd_kafka_offsets_for_times(asker.client, list.get(), timeout_ms);
  });
  if (!asked.answer) return {.reason = asked.reason, .is_forbidden = asked.is_forbidden};
  for (const auto& one : elements_of(**asked.answer)) offsets.push_back(one.offset);
  return {.answer = std::move(offsets)};
}

Asked<std::vector<std::optional<CommittedOffset>>> ask_all_committed(
    const Asker& asker, std::span<const TopicPartition> partitions, milliseconds patience) {
  std::vector<std::optional<CommittedOffset>> found;
  if (partitions.empty()) return {.answer = found};
  const auto asked = ask(asker, "committed offset", patience, [&](List& list, int timeout_ms) {
    list = list_of(partitions, RD_KAFKA_OFFSET_INVALID);
    return rd_kafka_committed(asker.client, list.get(), timeout_ms);
  });
  if (!asked.answer) return {.reason = asked.reason, .is_forbidden = asked.is_forbidden};
  for (const auto& one : elements_of(**asked.answer)) {
    auto& offset = found.emplace_back();
    if (one.offset < 0) continue;
    offset = CommittedOffset{.offset = one.offset, .metadata = {}};
    if (one.metadata != nullptr) {
      offset->metadata.assign(static_cast<const char*>(one.metadata), one.metadata_size);
    }
  }
  return {.answer = std::move(found)};
}

}  // namespace tocsin
