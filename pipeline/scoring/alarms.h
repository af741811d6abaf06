// From what is said of an event to whether it alarms.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "pipeline/scoring/ensemble.h"
#include "pipeline/scoring/stream_plan.h"
#include "pipeline/state/slot_table.h"

namespace tocsin {

/// Knows how often events come, and so how rare one must be.
///
/// Where false incidents in a time are what is accepted, the level follows from the rate of events
/// as it was until the event at hand. Nothing can be shown to be much rarer than one in the events
/// that the partition has seen: until these are enough, one in five times as many is asked for, or
/// 1e-4. (Over the first n events that adds ln(n) / 5 false alarms, at most, to those accepted.)
///
/// A single event is not believed to be rarer than 1e-5. Where an incident has to be, several
/// events must say so together (`Evidence`), or one that is as rare for whoever judges single
/// events and as far beyond all that was seen (`Verdict::excess`).
///
/// Threads: one.
class Alarms {
 public:
  /// `shared` is the partition's shared block. Both outlive this.
  Alarms(const StreamPlan::Inside& plan, State shared);

  /// An event of the entity in `slot`: learns how often there are any. Before it is counted.
  void see(SlotIndex slot, std::string_view entity, EntityBlock& block, std::int64_t time_ms);

  /// Before that: events before `time_ms`, which is none later than the event's, may be missing.
  void skip_to(EntityBlock& block, std::int64_t time_ms);

  struct Level {
    double probability = 0;       ///< An event that is as rare is an anomaly.
    double alert_score = 0;       ///< From here on it opens an alert.
    bool wants_evidence = false;  ///< The probability of one event does not go so far.
    /// What was configured: that a normal event opens an incident. Where evidence is wanted, one
    /// event that is as rare suffices, by `Verdict::excess`.
    double accepted = 0;
  };
  /// Of the event just seen. `column`: the feature that stands out in it.
  Level level(SlotIndex slot, const EntityBlock& block, std::optional<std::size_t> column) const;

  /// What an event tells, on the scale of -log10 p, and by what.
  struct Strength {
    double value = 0;
    Ground ground = Ground::rarity;
  };
  /// Of an event past the warm-up; adds it to what the entity's events say together, which teaches
  /// what is rare where the event `calibrates`.
  Strength weigh(EntityBlock& block, const Verdict& verdict, const Level& level, bool calibrates);

 private:
  static constexpr AlarmLevels::Rule kUnknown = 255;

  double rarest_alone() const;

  const StreamPlan::Inside& plan_;
  AlarmBlock& block_;
  std::vector<AlarmLevels::Rule> rules_;  // [slots]; not state: follows from the names.
};

}  // namespace tocsin
