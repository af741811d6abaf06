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
/// Of a calibration's smallest probability: whoever is one of several judges cannot reach it.
constexpr double kMargin = 1;

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
    return {.probability = wanted.probability, .alert_score = -decimal_log(wanted.probability)};
  }
  const double shown = std::min(kAtFirst, 1 / (kBeyond * static_cast<double>(block_.seen)));
  const double level = -decimal_log(std::max(wanted.probability, shown));
  const double shown_alone = -decimal_log(block_.evidence.floor) - kMargin;
  return {.probability = power(10, -std::min(level, Evidence::kBelievable)),
          .alert_score = level,
          .wants_evidence = level > Evidence::kBelievable,
          .alone = std::min(-decimal_log(wanted.probability), shown_alone)};
}

Alarms::Strength Alarms::weigh(EntityBlock& block, const Verdict& verdict, const Level& level) {
  const double evidence = learn_evidence(block, verdict);
  Strength strength{.value = verdict.score};
  const auto raise = [&strength](double to, Ground ground) {
    if (to > strength.value) strength = {.value = to, .ground = ground};
  };
  if (level.wants_evidence) {
    strength.value = std::min(strength.value, Evidence::kBelievable);
    const double alone = std::min(verdict.surprise, verdict.excess);
    if (alone >= level.alone) raise(alone, Ground::news);
    if (verdict.p <= Evidence::kOrdinary) raise(evidence, Ground::evidence);
  }
  // How rare something is counts as far as there is evidence for it.
  strength.value *= verdict.confidence;
  if (!level.wants_evidence) raise(verdict.news, Ground::news);
  return strength;
}

/// -log10 of how rare it is; 0 as long as that is not known.
double Alarms::learn_evidence(EntityBlock& block, const Verdict& verdict) {
  const double sum = Evidence::add(block.evidence, verdict.surprise);
  const auto p =
      PooledCalibrator(block_.evidence, PooledCalibrator::kShapeOfSurprises).observe(sum);
  return p ? -decimal_log(*p) : 0;
}

}  // namespace tocsin
