#include "pipeline/scoring/state_layout.h"

#include <utility>

#include "pipeline/scoring/feature_list.h"
#include "pipeline/scoring/incidents.h"
#include "pipeline/scoring/pooled_calibrator.h"
#include "pipeline/scoring/related_alerts.h"

namespace tocsin {

namespace {

using Home = StateBlock::Home;
using Role = StateBlock::Role;

void add_parts(StateLayout& layout, const StreamPlan::Inside& plan) {
  const StreamSettings& settings = plan.settings;
  const auto add = [&](Home home, std::uint64_t offset, std::uint64_t bytes, std::string name,
                       Definition definition) {
    layout.blocks.push_back({.home = home,
                             .offset = offset,
                             .bytes = bytes,
                             .name = std::move(name),
                             .definition = std::move(definition)});
  };
  add(Home::entity, 0, sizeof(EntityBlock), std::string(StateLayout::kPolicy),
      definition_of_policy(settings));
  add(Home::entity, plan.learning_offset, sizeof(LearningPolicy::Block), "learning policy",
      definition_of_learning(settings));
  for (std::size_t i = 0; i < settings.features.size(); ++i) {
    const Transforms::Memory memory = plan.transforms.memory_of(i);
    if (memory.bytes == 0) continue;
    add(Home::entity, plan.transforms_offset + memory.offset, memory.bytes,
        "memory of `" + settings.features[i].name + "`", definition_of_transforms(settings, i));
  }
  if (plan.has_forecasts && settings.discovers_features()) {
    add(Home::entity, plan.forecasts_offset, Forecasts::state_bytes(plan.dimensions()), "forecast",
        definition_of_forecast(settings, 0));
  }
  for (std::size_t i = 0; plan.has_forecasts && i < settings.features.size(); ++i) {
    add(Home::entity, plan.forecasts_offset + Forecasts::state_bytes(i), Forecasts::state_bytes(1),
        "forecast of `" + settings.features[i].name + "`", definition_of_forecast(settings, i));
  }
  add(Home::shared, 0, sizeof(PartitionHeader), std::string(StateLayout::kHeader),
      definition_of_header());
  add(Home::shared, plan.gap_offset, sizeof(InputGap::Block), "gap", definition_of_gap());
  if (settings.discovers_features()) {
    add(Home::shared, plan.features_offset, FeatureList::block_bytes(plan.dimensions()),
        std::string(StateLayout::kDiscovery), definition_of_discovery(settings));
  }
  add(Home::shared, plan.alarm_offset, sizeof(AlarmBlock), "alarms",
      definition_of_alarms(settings));
  add(Home::shared, plan.news_offset, sizeof(NewsPools), "news", definition_of_news(settings));
  add(Home::shared, plan.related_offset, sizeof(RelatedAlerts::Block), "related alerts",
      definition_of_related_alerts(settings));
  add(Home::shared, plan.incidents_offset, Incidents::block_bytes(plan.incidents_max),
      std::string(StateLayout::kIncidents), definition_of_incidents(settings));
  if (!plan.is_combined()) return;
  const std::string combination(StateLayout::kCombination);
  add(Home::entity, plan.combined_calibrator_offset, sizeof(EntityCalibrator::Block), combination,
      definition_of_combination(settings));
  add(Home::shared, plan.combined_pools_offset, sizeof(CombinedPools), combination,
      definition_of_combination(settings));
}

void add_detector(StateLayout& layout, const StreamPlan::Inside& plan, std::size_t index) {
  const DetectorPlan& detector = plan.detectors[index];
  StateBlock block{.role = Role::calibration,
                   .detector = static_cast<std::uint32_t>(index),
                   .offset = detector.memory_offset,
                   .bytes = sizeof(DetectorMemory),
                   .name = std::string(detector.kind->name),
                   .definition = definition_of_calibration(plan.settings, index)};
  layout.blocks.push_back(block);
  block.home = Home::shared;
  block.offset = detector.pool_offset;
  block.bytes = detector.calibration_bytes();
  layout.blocks.push_back(block);

  block.role = Role::detector;
  block.home = detector.scope == Scope::entity   ? Home::entity
               : detector.scope == Scope::stream ? Home::shared
                                                 : Home::group;
  block.table = static_cast<std::uint32_t>(detector.group);
  block.offset = detector.block_offset;
  block.bytes = detector.detector->state_bytes();
  block.definition = definition_of_detector(plan.settings, index);
  layout.blocks.push_back(std::move(block));
}

void append_definition(std::string& out, const Definition& definition) {
  append_number(out, definition.size());
  for (const DefinitionPoint& point : definition) {
    append_text(out, point.name);
    append_text(out, point.value);
  }
}

bool take(FlatBytes& bytes, std::string& text) {
  const auto taken = bytes.text();
  if (taken) text = *taken;
  return taken.has_value();
}

template <class Number>
bool take_number(FlatBytes& bytes, Number& number) {
  const auto taken = bytes.number();
  if (!taken || *taken > std::numeric_limits<Number>::max()) return false;
  number = static_cast<Number>(*taken);
  return true;
}

/// Takes a list, each item by `take_item`, which says whether there was one.
template <class Item, class TakeItem>
bool take_list(FlatBytes& bytes, std::vector<Item>& list, const TakeItem& take_item) {
  std::uint64_t count = 0;
  if (!take_number(bytes, count)) return false;
  for (std::uint64_t i = 0; i < count; ++i) {
    if (!take_item(list.emplace_back())) return false;
  }
  return true;
}

bool take_definition(FlatBytes& bytes, Definition& definition) {
  return take_list(bytes, definition, [&](DefinitionPoint& point) {
    return take(bytes, point.name) && take(bytes, point.value);
  });
}

bool take_block(FlatBytes& bytes, StateBlock& block) {
  std::uint8_t home = 0;
  std::uint8_t role = 0;
  if (!take_number(bytes, home) || home > static_cast<std::uint8_t>(Home::group)) return false;
  if (!take_number(bytes, role) || role > static_cast<std::uint8_t>(Role::calibration)) {
    return false;
  }
  block.home = static_cast<Home>(home);
  block.role = static_cast<Role>(role);
  return take_number(bytes, block.table) && take_number(bytes, block.detector) &&
         take_number(bytes, block.offset) && take_number(bytes, block.bytes) &&
         take(bytes, block.name) && take_definition(bytes, block.definition);
}

bool lies_within(const StateBlock& block, const StateLayout& layout) {
  if (block.home == Home::group) return block.offset == 0 && block.table < layout.tables;
  const std::uint64_t home =
      block.home == Home::entity ? layout.payload_bytes : layout.shared_bytes;
  return block.offset % 8 == 0 && block.offset <= home && block.bytes <= home - block.offset;
}

}  // namespace

StateLayout StateLayout::of(const StreamPlan::Inside& plan) {
  StateLayout layout{.payload_bytes = plan.payload_bytes,
                     .shared_bytes = plan.shared_bytes,
                     .tables = plan.group_tables.size(),
                     .entities = definition_of_entities(plan.settings)};
  for (const FeatureSettings& feature : plan.settings.features) {
    layout.features.push_back(feature.name);
  }
  add_parts(layout, plan);
  for (std::size_t i = 0; i < plan.detectors.size(); ++i) add_detector(layout, plan, i);
  return layout;
}

const StateBlock* StateLayout::part(Home home, std::string_view name) const {
  for (const StateBlock& block : blocks) {
    if (block.role == Role::part && block.home == home && block.name == name) return &block;
  }
  return nullptr;
}

std::string StateLayout::flat() const {
  std::string out;
  append_number(out, payload_bytes);
  append_number(out, shared_bytes);
  append_number(out, tables);
  append_definition(out, entities);
  append_number(out, features.size());
  for (const std::string& feature : features) append_text(out, feature);
  append_number(out, blocks.size());
  for (const StateBlock& block : blocks) {
    append_number(out, static_cast<std::uint64_t>(block.home));
    append_number(out, static_cast<std::uint64_t>(block.role));
    append_number(out, block.table);
    append_number(out, block.detector);
    append_number(out, block.offset);
    append_number(out, block.bytes);
    append_text(out, block.name);
    append_definition(out, block.definition);
  }
  return out;
}

std::optional<StateLayout> StateLayout::from(std::string_view text) {
  StateLayout layout;
  FlatBytes bytes(text);
  const bool is_whole =
      take_number(bytes, layout.payload_bytes) && take_number(bytes, layout.shared_bytes) &&
      take_number(bytes, layout.tables) && take_definition(bytes, layout.entities) &&
      take_list(bytes, layout.features, [&](std::string& name) { return take(bytes, name); }) &&
      take_list(bytes, layout.blocks, [&](StateBlock& block) { return take_block(bytes, block); });
  if (!is_whole || !bytes.is_at_end()) return std::nullopt;
  for (const StateBlock& block : layout.blocks) {
    if (!lies_within(block, layout)) return std::nullopt;
  }
  return layout;
}

}  // namespace tocsin
