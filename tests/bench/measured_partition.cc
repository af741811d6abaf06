#include "tests/bench/measured_partition.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "tests/bench/contract/families.h"

namespace tocsin::bench {

StreamSettings one_value_stream(std::string name, std::string_view detector) {
  StreamSettings stream;
  stream.name = std::move(name);
  FeatureSettings feature;
  feature.name = "value";
  feature.field = "/value";
  stream.features = {feature};
  if (const DetectorKind* kind = find_detector(detector)) {
    stream.detectors = {
        {.kind = kind, .parameters = Settings(kind->parameters), .group_by = {}, .features = {}}};
  }
  return stream;
}

MeasuredPartition::MeasuredPartition(const StreamSettings& settings, OutcomeSink& sink)
    : plan_(*StreamPlan::make(settings, Detail::minimal)),
      counters_(plan_->settings().detectors.size() + 8),
      partition_(plan_, {.topic = "t", .number = 0}, refits_, counters_, nullptr),
      sink_(sink) {
  batch_.reset(Batch::Kind::rows, 1, static_cast<std::size_t>(settings.dimensions()), 0);
}

void MeasuredPartition::add(std::size_t entity, std::int64_t time_ms,
                            std::span<const double> values) {
  const std::size_t index = batch_.add_row();
  Row& row = batch_.rows[index];
  row.offset = offset_++;
  row.time_ms = time_ms;
  row.entity = batch_.add_text(std::to_string(entity));
  row.entity_hash = Chance(entity).bits();
  std::ranges::copy(values, batch_.values_of(index).begin());
  row.present = ~std::uint64_t{0} >> (64 - values.size());
  if (batch_.full()) finish();
}

void MeasuredPartition::finish() {
  partition_.handle(batch_, sink_);
  batch_.reset(Batch::Kind::rows, 1, batch_.width, 0);
}

std::size_t MeasuredPartition::entity_of(std::string_view name) {
  return static_cast<std::size_t>(std::strtoull(std::string(name).c_str(), nullptr, 10));
}

}  // namespace tocsin::bench
