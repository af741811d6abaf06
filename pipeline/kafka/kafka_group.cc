#include "pipeline/kafka/kafka_group.h"

#include <thread>
#include <utility>

#include "pipeline/kafka/client.h"
#include "pipeline/kafka/client_properties.h"

namespace tocsin {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;
using List = RdPtr<rd_kafka_topic_partition_list_t>;

constexpr auto kBackOff = milliseconds(50);

// What the protocol's question for offsets by time takes instead of a time.
constexpr std::int64_t kEarliestTime = -2;
constexpr std::int64_t kLatestTime = -1;

std::span<const rd_kafka_topic_partition_t> elements_of(const List& list) {
  return {list->elems, static_cast<std::size_t>(list->cnt)};
}

List list_of(std::span<const TopicPartition> partitions, std::int64_t offset) {
  List list(rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
  for (const TopicPartition& one : partitions) {
    rd_kafka_topic_partition_list_add(list.get(), one.topic.c_str(), one.partition)->offset =
        offset;
  }
  return list;
}

/// The first error of an answer, be it of the whole or of a partition.
struct Trouble {
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::string where;
};

Trouble trouble_of(rd_kafka_resp_err_t error, const List& list) {
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return {error, {}};
  for (const auto& one : elements_of(list)) {
    if (one.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return {one.err, std::string(" of ") + one.topic + "/" + std::to_string(one.partition)};
    }
  }
  return {};
}

}  // namespace

struct KafkaGroup::Inside {
  /// Asks, each time with a list made anew, until every partition has its answer.
  template <class Ask>
  Asked<List> ask(std::string_view what, milliseconds patience, const Ask& question);

  ClientContext context;
  RdPtr<rd_kafka_t> client;
};

template <class Ask>
Asked<List> KafkaGroup::Inside::ask(std::string_view what, milliseconds patience,
                                    const Ask& question) {
  const auto deadline = Clock::now() + patience;
  while (true) {
    List list;
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - Clock::now());
    const Trouble trouble =
        trouble_of(question(list, static_cast<int>(std::max(left, kBackOff).count())), list);
    rd_kafka_poll(client.get(), 0);  // Errors, for the health.
    if (trouble.error == RD_KAFKA_RESP_ERR_NO_ERROR) return {.answer = std::move(list)};
    const bool is_forbidden = is_authorisation(trouble.error) || context.is_forbidden;
    if (is_forbidden || context.dead || left <= milliseconds(0)) {
      std::string reason = "the brokers do not tell the " + std::string(what) + trouble.where +
                           ": " + rd_kafka_err2name(trouble.error) + ": " +
                           rd_kafka_err2str(trouble.error);
      if (context.dead) reason += "; " + *context.dead;
      return {.reason = std::move(reason), .is_forbidden = is_forbidden};
    }
    std::this_thread::sleep_for(kBackOff);  // Back-off at the edge: nothing rings for an answer.
  }
}

KafkaGroup::KafkaGroup(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
KafkaGroup::~KafkaGroup() = default;

Result<std::unique_ptr<KafkaGroup>> KafkaGroup::make(const KafkaSettings& settings, KafkaLog log,
                                                     KafkaHealth& health) {
  auto inside = std::make_unique<Inside>();
  inside->context.log = std::move(log);
  inside->context.health = &health;
  auto made = make_client(ClientKind::consumer, settings, outsider_properties(settings),
                          inside->context, nullptr);
  if (!made) return made.error();
  inside->client = std::move(*made);
  return std::unique_ptr<KafkaGroup>(new KafkaGroup(std::move(inside)));
}

Asked<KafkaGroup::Committed> KafkaGroup::committed(std::span<const TopicPartition> partitions,
                                                   milliseconds patience) {
  Committed found;
  if (partitions.empty()) return {.answer = found};
  const auto asked = inside_->ask("committed offset", patience, [&](List& list, int timeout_ms) {
    list = list_of(partitions, RD_KAFKA_OFFSET_INVALID);
    return rd_kafka_committed(inside_->client.get(), list.get(), timeout_ms);
  });
  if (!asked.answer) return {.reason = asked.reason, .is_forbidden = asked.is_forbidden};
  for (const auto& one : elements_of(*asked.answer)) {
    auto& offset = found.emplace_back();
    if (one.offset < 0) continue;
    offset = CommittedOffset{.offset = one.offset, .metadata = {}};
    if (one.metadata != nullptr) {
      offset->metadata.assign(static_cast<const char*>(one.metadata), one.metadata_size);
    }
  }
  return {.answer = std::move(found)};
}

Asked<std::vector<std::int64_t>> KafkaGroup::offsets_at(std::span<const TopicPartition> partitions,
                                                        const StartPoint& point,
                                                        milliseconds patience) {
  std::vector<std::int64_t> offsets;
  if (partitions.empty()) return {.answer = offsets};
  const auto ask_for = [&](std::int64_t time) {
    return inside_->ask("offset by time", patience, [&](List& list, int timeout_ms) {
      list = list_of(partitions, time);
      return rd_kafka_offsets_for_times(inside_->client.get(), list.get(), timeout_ms);
    });
  };
  // The ends first: what comes between the questions then is not passed over.
  const auto ends = ask_for(point.kind == StartPoint::Kind::earliest ? kEarliestTime : kLatestTime);
  if (!ends.answer) return {.reason = ends.reason, .is_forbidden = ends.is_forbidden};
  for (const auto& one : elements_of(*ends.answer)) offsets.push_back(one.offset);
  if (point.kind != StartPoint::Kind::time) return {.answer = std::move(offsets)};
  const auto asked = ask_for(std::max<std::int64_t>(point.time_ms, 0));
  if (!asked.answer) return {.reason = asked.reason, .is_forbidden = asked.is_forbidden};
  const auto found = elements_of(*asked.answer);
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i].offset >= 0) offsets[i] = found[i].offset;
  }
  return {.answer = std::move(offsets)};
}

}  // namespace tocsin
