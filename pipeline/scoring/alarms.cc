#include "pipeline/scoring/alarms.h"

#include <algorithm>

#include "detectors/elementary.h"
#include "pipeline/scoring/block_view.h"
#include "pipeline/scoring/evidence.h"

namespace tocsin {
namespace {

/// Intervals remembered of an entity, and of a partition.
constexpr std::uint32_t kOfEntity = 1024;
constexpr std::uint32_t kOfPartition = 65'536;
/// What other entities' intervals weigh beside an entity's own.
constexpr double kPrior = 10;
/// What is asked for at least once in so many times the events seen is rare enough,
constexpr double kBeyond = 5;
/// but never what is commoner than that.
constexpr double kAtFirst = 1e-4;

}  // namespace

Alarms::Alarms(const StreamPlan::Inside& plan, State shared)
    : plan_(plan), block_(view<AlarmBlock>(shared, plan.alarm_offset)) {}

void Alarms::see(SlotIndex slot, std::string_view entity, EntityBlock& block,
                 std::int64_t time_ms) {
  if (slot >= rules_.size()) rules_.resize(slot + 1, kUnknown);
  const bool is_new = block.events == 0;
  if (is_new || rules_[slot] == kUnknown) rules_[slot] = plan_.alarms.rule_of(entity);

  EventRate::see(block_.events, time_ms, block_.seen == 0, kOfPartition);
  ++block_.seen;
  const double interval = EventRate::see(block.rate, time_ms, is_new, kOfEntity);
  if (!is_new) EventRate::learn(block_.entity, interval, kOfPartition);
}

void Alarms::skip_to(EntityBlock& block, std::int64_t time_ms) {
  EventRate::skip_to(block_.events, time_ms);
  EventRate::skip_to(block.rate, time_ms);
}

Alarms::Level Alarms::level(SlotIndex slot, const EntityBlock& block,
                            std::optional<std::size_t> column) const {
  const AlarmLevels::Level wanted =
      plan_.alarms.level(rules_[slot], column,
                         {.entity = EventRate::per_day(block.rate, block_.entity, kPrior),
                          .partition = EventRate::per_day(block_.events)});
  if (!wanted.is_of_a_rate) {
    return {.probability = wanted.probability,
            .alert_score = -decimal_log(wanted.probability),
            .accepted = wanted.probability};
  }
  const double shown = std::min(kAtFirst, 1 / (kBeyond * static_cast<double>(block_.seen)));
  const double asked = std::max(wanted.probability, shown);
  return {.probability = std::max(asked, Evidence::kRarestOfOne),
          .alert_score = -decimal_log(asked),
          .wants_evidence = asked < Evidence::kRarestOfOne,
          .accepted = wanted.probability};
}

Alarms::Strength Alarms::weigh(EntityBlock& block, const Verdict& verdict, const Level& level,
                               bool calibrates) {
  const double sum = Evidence::add(block.evidence, verdict.surprise);
  PooledCalibrator sums(block_.evidence, PooledCalibrator::kShapeOfSurprises);
  const double together = (calibrates ? sums.observe(sum) : sums.judge(sum)).value_or(1);
  Strength strength{.value = verdict.score};
  const auto raise = [&strength](double to, Ground ground) {
    if (to > strength.value) strength = {.value = to, .ground = ground};
  };
  if (level.wants_evidence) {
    strength.value = std::min(strength.value, Evidence::kBelievable);
    const double alone = std::min(verdict.surprise, verdict.excess);
    if (alone > Evidence::kBelievable &&
        alone >= -decimal_log(std::max(level.accepted, rarest_alone())))
      raise(alone, Ground::news);
    if (verdict.p <= Evidence::kOrdinary) raise(-decimal_log(together), Ground::evidence);
  }
  if (!level.wants_evidence) raise(verdict.news, Ground::news);
  return strength;
}

/// Whoever is one of several judges does not reach the smallest probability of a calibration.
double Alarms::rarest_alone() const { return 10 * block_.evidence.floor; }

}  // namespace tocsin
