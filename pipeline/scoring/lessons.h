// What the event at hand teaches, by what was expected of it.

#pragma once

#include <cstddef>
#include <cstdint>

#include "pipeline/scoring/ensemble.h"
#include "pipeline/scoring/event_details.h"
#include "pipeline/scoring/learning_policy.h"
#include "pipeline/scoring/stream_plan.h"

namespace tocsin {

/// Asks the learning policy about events that have been judged.
///
/// The champion is the forecast of the feature that stands out, or where there is none, what the
/// first detector that can tell expects of it.
class Lessons {
 public:
  /// All arguments outlive this.
  Lessons(const StreamPlan::Inside& plan, Ensemble& ensemble, EventDetails& details)
      : plan_(plan), ensemble_(ensemble), details_(details) {}

  struct Event {
    State payload;  ///< The entity's.
    const Point& point;
    const ScoredEvent& scored;  ///< Past the warm-up, but for `learning`.
    std::size_t leader = 0;     ///< Of the detectors.
  };
  LearningPolicy::Decision decide(const Event& event) {
    auto& block = view<LearningPolicy::Block>(event.payload, plan_.learning_offset);
    if (LearningPolicy::is_at_rest(block) && !event.scored.is_alarm()) return {};
    return decide(event, block);
  }

  /// Whether the scores of the entity's next event teach the calibrations.
  bool calibrates(State payload) const {
    return LearningPolicy::calibrates(view<LearningPolicy::Block>(payload, plan_.learning_offset));
  }

 private:
  LearningPolicy::Decision decide(const Event& event, LearningPolicy::Block& block);

  const StreamPlan::Inside& plan_;
  Ensemble& ensemble_;
  EventDetails& details_;
};

}  // namespace tocsin
