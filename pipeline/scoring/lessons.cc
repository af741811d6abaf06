#include "pipeline/scoring/lessons.h"

#include "pipeline/scoring/block_view.h"

namespace tocsin {

LearningPolicy::Decision Lessons::decide(const Event& event, LearningPolicy::Block& block) {
  const bool is_alarm = event.scored.is_alarm();
  LearningPolicy::Event seen{.is_alarm = is_alarm,
                             .is_anomaly = event.scored.is_anomaly,
                             .time_ms = event.scored.time_ms,
                             .column = block.column};
  if (!LearningPolicy::is_in_episode(block) && is_alarm) {
    seen.column = static_cast<std::uint8_t>(details_.leading_column(ensemble_, event.leader));
  }
  if (event.point.has(seen.column)) {
    if (const auto known = ensemble_.expectation(event.point, seen.column)) {
      seen.level = {.value = event.point.values[seen.column],
                    .expected = known->expected,
                    .lower = known->lower,
                    .upper = known->upper};
    }
  }
  return LearningPolicy(plan_.settings.learning, block).decide(seen);
}

}  // namespace tocsin
