#include "pipeline/scoring/stream_plan.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "pipeline/scoring/block_view.h"
#include "pipeline/scoring/definition.h"
#include "pipeline/scoring/feature_list.h"
#include "pipeline/scoring/related_alerts.h"
#include "pipeline/scoring/state_layout.h"
#include "pipeline/state/slot_table.h"

namespace tocsin {

namespace {

constexpr std::size_t kLine = 64;

std::size_t padded(std::size_t bytes, std::size_t to) { return (bytes + to - 1) / to * to; }

/// Lays blocks end to end, and keeps the ledger of them.
class Layout {
 public:
  /// Returns the block's offset. Blocks of one part are one row of the ledger.
  std::size_t add(std::string_view part, std::size_t bytes, std::size_t alignment = 8) {
    const std::size_t offset = padded(end_, alignment);
    row(part).bytes += offset + padded(bytes, 8) - end_;
    end_ = offset + padded(bytes, 8);
    return offset;
  }
  std::size_t finish() { return add("padding", padded(end_, kLine) - end_, 8), end_; }
  std::vector<LedgerRow> take_ledger() {
    std::erase_if(ledger_, [](const LedgerRow& row) { return row.bytes == 0; });
    return std::move(ledger_);
  }

 private:
  LedgerRow& row(std::string_view part) {
    for (LedgerRow& known : ledger_) {
      if (known.part == part) return known;
    }
    return ledger_.emplace_back(LedgerRow{.part = std::string(part)});
  }

  std::vector<LedgerRow> ledger_;
  std::size_t end_ = 0;
};

std::optional<std::size_t> column_named(const StreamSettings& settings, std::string_view name) {
  for (std::size_t i = 0; i < settings.features.size(); ++i) {
    if (settings.features[i].name == name) return i;
  }
  return std::nullopt;
}

Result<DetectorPlan> build(const StreamSettings& settings, std::size_t index) {
  const DetectorSettings& wanted = settings.detectors[index];
  DetectorPlan plan;
  plan.kind = wanted.kind;
  plan.scope = wanted.scope;
  plan.sees_all_features = wanted.features.empty();
  for (const std::string& name : wanted.features) {
    const std::optional<std::size_t> column = column_named(settings, name);
    if (!column) {
      return Error{"detector `" + std::string(wanted.kind->name) + "` wants the feature `" + name +
                   "`, but the stream's `features` do not name it"};
    }
    plan.features.push_back(*column);
  }
  const int dimensions =
      plan.sees_all_features ? settings.dimensions() : static_cast<int>(plan.features.size());
  auto made = wanted.kind->make(wanted.parameters, dimensions, detector_seed(settings, index));
  if (!made) {
    return Error{"detector `" + std::string(wanted.kind->name) + "`: " + made.error().message};
  }
  plan.detector = std::move(*made);
  return plan;
}

void lay_out_entity(StreamPlan::Inside& plan) {
  Layout layout;
  layout.add("policy", sizeof(EntityBlock));
  plan.learning_offset = layout.add("policy", sizeof(LearningPolicy::Block));
  for (DetectorPlan& detector : plan.detectors) {
    detector.memory_offset = layout.add("calibration", sizeof(DetectorMemory));
  }
  if (plan.is_combined()) {
    plan.combined_calibrator_offset = layout.add("calibration", sizeof(EntityCalibrator::Block));
  }
  plan.transforms_offset = layout.add("transforms", plan.transforms.state_bytes());
  if (plan.has_forecasts) {
    plan.forecasts_offset = layout.add("forecast", Forecasts::state_bytes(plan.dimensions()));
  }
  for (DetectorPlan& detector : plan.detectors) {
    if (detector.scope != Scope::entity) continue;
    detector.block_offset = layout.add(detector.kind->name, detector.detector->state_bytes());
  }
  plan.payload_bytes = layout.finish();

  const std::size_t slot = SlotTable::slot_bytes_for(plan.payload_bytes);
  plan.entity_bytes = slot + SlotTable::kIndexBytesPerSlot;
  plan.entity_ledger.push_back({.part = "key and header", .bytes = slot - plan.payload_bytes});
  for (LedgerRow& row : layout.take_ledger()) plan.entity_ledger.push_back(std::move(row));
  plan.entity_ledger.push_back({.part = "index", .bytes = SlotTable::kIndexBytesPerSlot});
  plan.entities_max =
      SlotTable::capacity_for(plan.payload_bytes, plan.settings.partition_max_bytes);
}

/// A budget that holds kGroupsMax models.
StreamPlan::Inside::GroupTable group_table(std::size_t block_bytes) {
  StreamPlan::Inside::GroupTable table{.payload_bytes = padded(block_bytes, kLine)};
  const std::size_t slot = SlotTable::slot_bytes_for(table.payload_bytes);
  table.bytes_max = StreamPlan::Inside::kGroupsMax * slot;
  while (SlotTable::capacity_for(table.payload_bytes, table.bytes_max) <
         StreamPlan::Inside::kGroupsMax) {
    table.bytes_max += slot;
  }
  table.models_max = SlotTable::capacity_for(table.payload_bytes, table.bytes_max);
  return table;
}

void lay_out_partition(StreamPlan::Inside& plan) {
  Layout layout;
  layout.add("header", sizeof(PartitionHeader));
  plan.gap_offset = layout.add("header", sizeof(InputGap::Block));
  if (plan.settings.discovers_features()) {
    plan.features_offset = layout.add("features", FeatureList::block_bytes(plan.dimensions()));
  }
  for (DetectorPlan& detector : plan.detectors) {
    detector.pool_offset = layout.add("calibration", detector.calibration_bytes());
  }
  if (plan.is_combined()) {
    plan.combined_pools_offset = layout.add("calibration", sizeof(CombinedPools));
  }
  plan.alarm_offset = layout.add("calibration", sizeof(AlarmBlock));
  plan.news_offset = layout.add("calibration", sizeof(NewsPools));
  plan.related_offset = layout.add("related alerts", sizeof(RelatedAlerts::Block));
  plan.incidents_max =
      std::clamp<std::size_t>(plan.entities_max, 1, StreamPlan::Inside::kIncidentsMax);
  plan.incidents_offset = layout.add("incidents", Incidents::block_bytes(plan.incidents_max));
  for (DetectorPlan& detector : plan.detectors) {
    if (detector.scope != Scope::stream) continue;
    detector.block_offset =
        layout.add(detector.kind->name, detector.detector->state_bytes(), kLine);
  }
  plan.shared_bytes = layout.finish();
  plan.partition_ledger = layout.take_ledger();

  for (DetectorPlan& detector : plan.detectors) {
    if (detector.scope != Scope::group) continue;
    detector.group = plan.group_tables.size();
    plan.group_tables.push_back(group_table(detector.detector->state_bytes()));
    plan.partition_ledger.push_back({.part = std::string(detector.kind->name) + " by group",
                                     .bytes = plan.group_tables.back().bytes_max});
  }
  plan.partition_ledger.push_back({.part = "entities", .bytes = plan.settings.partition_max_bytes});
  for (const LedgerRow& row : plan.partition_ledger) plan.partition_bytes += row.bytes;
}

}  // namespace

Result<std::shared_ptr<const StreamPlan>> StreamPlan::make(const StreamSettings& settings,
                                                           Detail detail) {
  auto plan = std::make_unique<Inside>(settings, detail);
  const bool is_default = settings.detectors.empty();
  if (is_default) {
    plan->settings.detectors = default_detectors(
        settings.dimensions(), settings.forecast.use != ForecastSettings::Use::off);
  }
  plan->settings.decide_on_forecast(is_default);
  plan->has_forecasts = plan->settings.forecast.use == ForecastSettings::Use::on;
  plan->calendar = Calendar(settings.forecast.zone, settings.forecast.holidays);
  for (std::size_t i = 0; i < plan->settings.detectors.size(); ++i) {
    auto built = build(plan->settings, i);
    if (!built) return built.error();
    plan->detectors.push_back(std::move(*built));
  }
  lay_out_entity(*plan);
  if (plan->entity_bytes > plan->settings.partition_max_bytes) {
    return Error{"the budget of " + std::to_string(plan->settings.partition_max_bytes) +
                 " bytes a partition holds no entity: one takes " +
                 std::to_string(plan->entity_bytes) + " bytes"};
  }
  lay_out_partition(*plan);
  plan->layout = StateLayout::of(*plan).flat();
  plan->definition_hash =
      hash_text(plan->layout + "budget " + std::to_string(settings.partition_max_bytes));
  plan->input_definition_hash = hash_text(definition_of_input(plan->settings));
  return std::shared_ptr<const StreamPlan>(new StreamPlan(std::move(plan)));
}

void StreamPlan::Inside::interrupt(State payload) const {
  auto& entity = view<EntityBlock>(payload);
  Incidents::interrupt(entity.incident);
  LearningPolicy::interrupt(view<LearningPolicy::Block>(payload, learning_offset));
  entity.evidence = 0;
  transforms.interrupt(payload.subspan(transforms_offset, transforms.state_bytes()));
}

StreamPlan::StreamPlan(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
StreamPlan::~StreamPlan() = default;

const StreamSettings& StreamPlan::settings() const { return inside_->settings; }
std::span<const LedgerRow> StreamPlan::entity_ledger() const { return inside_->entity_ledger; }
std::span<const LedgerRow> StreamPlan::partition_ledger() const {
  return inside_->partition_ledger;
}
std::size_t StreamPlan::entity_bytes() const { return inside_->entity_bytes; }
std::size_t StreamPlan::entities_max() const { return inside_->entities_max; }
std::size_t StreamPlan::partition_bytes() const { return inside_->partition_bytes; }
const std::string& StreamPlan::definition_hash() const { return inside_->definition_hash; }
const std::string& StreamPlan::input_definition_hash() const {
  return inside_->input_definition_hash;
}

}  // namespace tocsin
