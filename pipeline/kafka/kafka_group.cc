#include "pipeline/kafka/kafka_group.h"

#include <algorithm>
#include <utility>

#include "pipeline/kafka/client.h"
#include "pipeline/kafka/client_properties.h"
#include "pipeline/kafka/group_requests.h"
#include "pipeline/kafka/kafka_generation.h"
#include "pipeline/kafka/list_questions.h"

namespace tocsin {

using std::chrono::milliseconds;

struct KafkaGroup::Inside {
  Asker asker() const { return {.client = client.get(), .context = context}; }

  std::string id;
  ClientContext context;
  RdPtr<rd_kafka_t> client;
};

KafkaGroup::KafkaGroup(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
KafkaGroup::~KafkaGroup() = default;

Result<std::unique_ptr<KafkaGroup>> KafkaGroup::make(const KafkaSettings& settings, KafkaLog log,
                                                     KafkaHealth& health) {
  auto inside = std::make_unique<Inside>();
  inside->id = settings.app;
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
  return ask_all_committed(inside_->asker(), partitions, patience);
}

Asked<std::vector<std::int64_t>> KafkaGroup::offsets_at(std::span<const TopicPartition> partitions,
                                                        const StartPoint& point,
                                                        milliseconds patience) {
  const bool is_earliest = point.kind == StartPoint::Kind::earliest;
  // The ends first: what comes between the questions then is not passed over.
  auto offsets = ask_offsets(inside_->asker(), partitions,
                             is_earliest ? kEarliestTime : kLatestTime, patience);
  if (!offsets.answer || point.kind != StartPoint::Kind::time) return offsets;
  const auto found =
      ask_offsets(inside_->asker(), partitions, std::max<std::int64_t>(point.time_ms, 0), patience);
  if (!found.answer) return found;
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    if ((*found.answer)[i] >= 0) (*offsets.answer)[i] = (*found.answer)[i];
  }
  return offsets;
}

Asked<std::vector<std::string>> KafkaGroup::members(milliseconds patience) {
  return ask_members(inside_->client.get(), inside_->id, patience);
}

Result<void> KafkaGroup::set_offsets(std::span<const OffsetToCommit> offsets,
                                     milliseconds patience) {
  return ask_to_set_offsets(inside_->client.get(), inside_->id, offsets, patience);
}

GenerationRef KafkaGroup::outsider() const {
  return std::make_shared<const KafkaGeneration>(inside_->id);
}

}  // namespace tocsin
