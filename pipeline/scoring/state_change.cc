#include "pipeline/scoring/state_change.h"

#include <algorithm>
#include <utility>

#include "pipeline/scoring/stream_plan.h"

namespace tocsin {

namespace {

using Home = StateBlock::Home;
using Role = StateBlock::Role;

std::string with_commas(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, ",");
  return text;
}

std::string counted(std::uint64_t count, std::string_view one, std::string_view many) {
  return with_commas(count) + ' ' + std::string(count == 1 ? one : many);
}

std::size_t count_detectors(const StateLayout& layout) {
  return static_cast<std::size_t>(
      std::ranges::count(layout.blocks, Role::detector, &StateBlock::role));
}

}  // namespace

StateChange::StateChange(StateLayout before, StateLayout now)
    : before_(std::move(before)),
      now_(std::move(now)),
      sources_(now_.blocks.size()),
      predecessors_(now_.blocks.size()),
      detectors_now_(count_detectors(before_)) {
  for (std::size_t i = 0; keeps_entities() && i < now_.blocks.size(); ++i) {
    const auto same = std::ranges::find_if(before_.blocks, [&](const StateBlock& block) {
      // Of twins, the first goes on from the first.
      return now_.blocks[i].means_the_same_as(block) &&
             std::ranges::find(sources_, &block) == sources_.end();
    });
    if (same != before_.blocks.end()) sources_[i] = &*same;
  }
  match_detectors();
}

/// Which detector stands where, and which one that begins anew takes the place of which.
void StateChange::match_detectors() {
  const auto place = [&](const StateBlock& block, std::size_t now) {
    if (block.detector < detectors_now_.size()) {
      detectors_now_[block.detector] = now_.blocks[now].detector;
    }
  };
  for (std::size_t i = 0; i < now_.blocks.size(); ++i) {
    if (now_.blocks[i].role == Role::detector && sources_[i] != nullptr) place(*sources_[i], i);
  }
  for (std::size_t i = 0; i < now_.blocks.size(); ++i) {
    if (now_.blocks[i].role != Role::detector || sources_[i] != nullptr) continue;
    const auto old = std::ranges::find_if(before_.blocks, [&](const StateBlock& block) {
      return block.role == Role::detector && block.name == now_.blocks[i].name &&
             block.detector < detectors_now_.size() && !detectors_now_[block.detector];
    });
    if (old == before_.blocks.end()) continue;
    predecessors_[i] = &*old;
    place(*old, i);
  }
}

bool StateChange::keeps_any_detector() const {
  for (std::size_t i = 0; i < now_.blocks.size(); ++i) {
    if (now_.blocks[i].role == Role::detector && sources_[i] != nullptr) return true;
  }
  return false;
}

const StateBlock* StateChange::source_of(std::size_t now) const { return sources_[now]; }

std::optional<std::size_t> StateChange::detector_now(std::size_t before) const {
  return before < detectors_now_.size() ? detectors_now_[before] : std::nullopt;
}

std::optional<std::size_t> StateChange::feature_now(std::size_t before) const {
  if (before_.features.empty()) {
    const StateBlock* list = now_.part(Home::shared, StateLayout::kDiscovery);
    if (list == nullptr || sources_[static_cast<std::size_t>(list - now_.blocks.data())] == nullptr)
      return std::nullopt;
    return before;
  }
  if (before >= before_.features.size()) return std::nullopt;
  const auto now = std::ranges::find(now_.features, before_.features[before]);
  if (now == now_.features.end()) return std::nullopt;
  return static_cast<std::size_t>(now - now_.features.begin());
}

bool StateChange::reads_incidents() const {
  const StateBlock* old = before_.part(Home::shared, StateLayout::kIncidents);
  const StateBlock* mark = before_.part(Home::entity, StateLayout::kPolicy);
  const auto version_of = [](const StateBlock& block) { return block.definition.front(); };
  return old != nullptr && mark != nullptr &&
         version_of(*old) == version_of(*now_.part(Home::shared, StateLayout::kIncidents)) &&
         version_of(*mark) == version_of(*now_.part(Home::entity, StateLayout::kPolicy));
}

Incidents StateChange::incidents_before(State shared) const {
  const StateBlock& block = *before_.part(Home::shared, StateLayout::kIncidents);
  return Incidents(shared.subspan(block.offset, block.bytes));
}

bool StateChange::keeps_time() const {
  const StateBlock* old = before_.part(Home::shared, StateLayout::kIncidents);
  const StateBlock* now = now_.part(Home::shared, StateLayout::kIncidents);
  return old != nullptr && old->definition == now->definition;
}

RestoreReport StateChange::report(const Counts& counts) const {
  RestoreReport report{.entities = counts.entities,
                       .entities_forgotten = counts.entities_before - counts.entities,
                       .incidents = counts.incidents,
                       .incidents_forgotten = counts.incidents_before - counts.incidents};
  for (std::size_t i = 0; i < now_.blocks.size(); ++i) {
    if (now_.blocks[i].role == Role::detector) report.detectors.push_back(fate_of(i, counts));
  }
  if (!keeps_entities()) {
    report.sentences.push_back("everything starts anew: " +
                               difference(before_.entities, now_.entities));
  } else {
    for (const DetectorFate& fate : report.detectors) report.sentences.push_back(fate.sentence());
    for (const StateBlock& block : before_.blocks) {
      if (block.role == Role::detector && !detector_now(block.detector)) {
        report.sentences.push_back(label_of(block, before_) + " is gone");
      }
    }
    add_parts(report.sentences);
  }
  add_losses(report.sentences, counts);
  return report;
}

DetectorFate StateChange::fate_of(std::size_t block, const Counts& counts) const {
  using Kept = DetectorFate::Kept;
  const StateBlock& now = now_.blocks[block];
  DetectorFate fate{.detector = label_of(now, now_)};
  if (!keeps_entities()) {
    fate.why = difference(before_.entities, now_.entities);
  } else if (const StateBlock* source = sources_[block]) {
    fate.kept = now.home == Home::entity   ? Kept::entities
                : now.home == Home::shared ? Kept::model
                                           : Kept::groups;
    if (fate.kept == Kept::entities) fate.count = counts.entities;
    if (fate.kept == Kept::groups) fate.count = counts.groups_before[source->table];
  } else if (const StateBlock* before = predecessors_[block]) {
    fate.why = difference(before->definition, now.definition);
  } else {
    fate.why = "it was not there before";
  }
  return fate;
}

std::string DetectorFate::sentence() const {
  switch (kept) {
    case Kept::entities:
      return detector + " keeps " + counted(count, "entity", "entities");
    case Kept::groups:
      return detector + " keeps " + counted(count, "group", "groups");
    case Kept::model:
      return detector + " keeps its model";
    case Kept::nothing:
      break;
  }
  return detector + " starts anew: " + why;
}

/// A detector as the user knows it: by its kind, and by its place where there are several.
std::string StateChange::label_of(const StateBlock& block, const StateLayout& layout) const {
  const auto namesakes = std::ranges::count_if(layout.blocks, [&](const StateBlock& other) {
    return other.role == Role::detector && other.name == block.name;
  });
  if (namesakes < 2) return block.name;
  return block.name + " (detectors[" + std::to_string(block.detector) + "])";
}

void StateChange::add_parts(std::vector<std::string>& sentences) const {
  std::vector<std::string_view> told;
  for (std::size_t i = 0; i < now_.blocks.size(); ++i) {
    const StateBlock& now = now_.blocks[i];
    if (now.role != Role::part || sources_[i] != nullptr) continue;
    // Incidents are carried one by one; what becomes of them is told with their number.
    if (now.name == StateLayout::kIncidents) continue;
    const StateBlock* before = before_.part(now.home, now.name);
    if (before == nullptr || std::ranges::find(told, now.name) != told.end()) continue;
    told.push_back(now.name);
    sentences.push_back(now.name +
                        " starts anew: " + difference(before->definition, now.definition));
  }
}

void StateChange::add_losses(std::vector<std::string>& sentences, const Counts& counts) const {
  if (keeps_entities() && counts.entities < counts.entities_before) {
    sentences.push_back(counted(counts.entities_before - counts.entities, "entity", "entities") +
                        " of " + with_commas(counts.entities_before) +
                        " do not fit any more: those seen longest ago are forgotten");
  }
  const std::uint64_t forgotten = counts.incidents_before - counts.incidents;
  if (forgotten > 0) {
    sentences.push_back(counted(forgotten, "open incident is", "open incidents are") +
                        " forgotten, without an alert that closes them");
  }
  if (counts.incidents > 0 && !keeps_time()) {
    sentences.push_back(counted(counts.incidents, "open incident closes", "open incidents close") +
                        " as quiet with the next event: `time` changed");
  }
}

}  // namespace tocsin
