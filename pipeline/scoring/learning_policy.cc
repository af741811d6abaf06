#include "pipeline/scoring/learning_policy.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "detectors/elementary.h"

namespace tocsin {

namespace {

using Decision = LearningPolicy::Decision;
using Interval = LearningPolicy::Interval;
using Level = LearningPolicy::Level;

constexpr double kFirst = 2;        // evidence in the alarm that begins an episode
constexpr double kMostAtOnce = 4;   // nats
constexpr double kPrice = .5;       // nats an event: what a challenger must be better by
constexpr double kUnexplained = 1;  // nats of an anomaly, whoever leads
constexpr double kMemory = 32;      // events of the challenger's
/// What is taken for normal is six mean distances wide, three to a side: 95 % of a Laplace
/// distribution, and what detectors and forecasts mean by their limits, more or less.
constexpr double kInterval = 6;
/// An adopted level holds what is within four mean distances of its middle: 98 %.
constexpr double kWidth = 4;
constexpr double kMostDistance = 1e6;
constexpr double kLargest = 1e300;

double within(double number, double most) { return std::clamp(number, -most, most); }

/// The mean distance of values from what the champion expects; not 0.
double spread_of(const Level& level) {
  const double magnitude = std::max(std::fabs(level.value), std::fabs(level.expected));
  const double least = std::max(1e-9 * magnitude, 1e-300);
  return std::clamp((level.upper - level.lower) / kInterval, least, kLargest);
}

double residual_of(const Level& level) { return within(level.value - level.expected, kLargest); }

double distance(double residual, double spread) {
  return std::min(std::fabs(residual) / spread, kMostDistance);
}

}  // namespace

Decision LearningPolicy::decide(const Event& event) {
  if (block_.state != State::calm) return follow(event);
  return event.is_alarm ? begin(event) : rest();
}

Decision LearningPolicy::rest() {
  if (!is_at_rest(block_)) ++block_.settled;
  return {};
}

Decision LearningPolicy::begin(const Event& event) {
  if (is_at_adopted(event)) {
    block_.settled = unsettled();
    return {.learning = Learning::adopted, .step = Step::known};
  }
  block_.state = State::watching;
  block_.column = event.column;
  block_.evidence = static_cast<float>(kFirst);
  block_.events = 0;
  block_.offset = event.level ? residual_of(*event.level) : 0;
  block_.spread = event.level ? spread_of(*event.level) : 1;
  return {.learning = Learning::weighted,
          .weight = kAnomalyWeight,
          .step = is_return(event) ? Step::returned : Step::away};
}

Decision LearningPolicy::follow(const Event& event) {
  const bool is_adopted = is_at_adopted(event);
  const Gain gained = is_adopted ? Gain{.evidence = -kMostAtOnce} : gain(event);
  const double sum =
      std::min(static_cast<double>(block_.evidence) + gained.evidence, kMostEvidence);
  block_.evidence = static_cast<float>(sum);
  if (block_.events < std::numeric_limits<std::uint32_t>::max()) ++block_.events;
  const bool is_undecided = block_.state == State::watching && block_.events >= kUndecided;
  if (sum <= 0 || (is_undecided && sum < kLeads)) {
    block_.state = State::calm;
    return event.is_alarm ? begin(event) : rest();
  }
  if (block_.state == State::watching && sum >= kLeads) {
    if (leads_to_known_level(event)) return come_back(event);
    freeze(event);
  }
  if (is_adopted && event.is_alarm) return {.learning = Learning::adopted, .step = Step::known};
  const Decision little{.learning = Learning::weighted, .weight = kAnomalyWeight};
  if (!gained.is_away) return event.is_alarm ? little : Decision{};
  const Step step = is_return(event) ? Step::returned : Step::away;
  if (block_.state == State::watching)
    return {.learning = little.learning, .weight = little.weight, .step = step};

  if (event.level) {
    block_.champion.lower = std::min(block_.champion.lower, event.level->lower);
    block_.champion.upper = std::max(block_.champion.upper, event.level->upper);
  }
  if (block_.leads_ms == kNotYet) block_.leads_ms = event.time_ms;
  if (is_ripe(event.time_ms)) return adopt(event);
  return {.learning = Learning::frozen, .weight = 0, .step = step};
}

/// By how much the challenger foretold the event better; then it learns it.
LearningPolicy::Gain LearningPolicy::gain(const Event& event) {
  Gain gain{.evidence = event.is_anomaly ? kUnexplained : -kUnexplained,
            .is_away = event.is_anomaly};
  if (!event.level) return gain;
  const Level& level = *event.level;
  const double residual = residual_of(level);
  const double champion = spread_of(level);
  const double spread = std::max(block_.spread, champion);
  const double beside = residual - block_.offset;
  const double better = distance(residual, champion) - distance(beside, spread) +
                        natural_log(std::max(champion / spread, 1e-12)) - kPrice;

  const double newest = 1 / std::min(static_cast<double>(block_.events) + 2, kMemory);
  block_.offset += newest * beside;
  block_.spread = spread + newest * (std::min(std::fabs(beside), 4 * spread) - spread);
  const bool is_normal = Interval{level.lower, level.upper}.holds(level.value);
  const double most = is_normal ? 0 : kMostAtOnce;
  gain.evidence = std::max(std::clamp(better, -kMostAtOnce, most),
                           event.is_anomaly ? kUnexplained : -kMostAtOnce);
  gain.is_away = better > 0 || event.is_anomaly;
  return gain;
}

void LearningPolicy::freeze(const Event& event) {
  block_.state = State::frozen;
  block_.events = 0;
  block_.begun_ms = block_.leads_ms = event.time_ms;
  block_.settled = kSettled;
  // Nothing, where nothing is expected.
  block_.champion = event.level ? Interval{event.level->lower, event.level->upper}
                                : Interval{kLargest, -kLargest};
}

bool LearningPolicy::is_ripe(std::int64_t time_ms) const {
  const bool is_long = block_.events >= static_cast<std::uint32_t>(settings_.adopt_after_events) &&
                       time_ms - block_.leads_ms >= settings_.adopt_after_ms;
  return is_long || time_ms - block_.begun_ms >= settings_.adopt_at_most_ms;
}

Decision LearningPolicy::adopt(const Event& event) {
  block_.parked = block_.champion;
  block_.adopted = {-kLargest, kLargest};
  if (event.level) {
    const double middle = middle_of(*event.level);
    block_.adopted = {middle - kWidth * block_.spread, middle + kWidth * block_.spread};
  }
  block_.known_column = block_.column;
  settle(event.time_ms);
  return {.learning = Learning::adopted, .step = Step::adopted};
}

Decision LearningPolicy::come_back(const Event& event) {
  if (block_.parked.holds(middle_of(*event.level))) std::swap(block_.adopted, block_.parked);
  settle(event.time_ms);
  return {.learning = Learning::adopted, .step = Step::known};
}

void LearningPolicy::settle(std::int64_t time_ms) {
  block_.state = State::calm;
  block_.knows_levels = 1;
  block_.begun_ms = time_ms;
  block_.settled = unsettled();
}

/// Where no level is parked, one event without alarm shows that the models have followed.
std::uint8_t LearningPolicy::unsettled() const {
  return block_.parked.lower <= block_.parked.upper ? 0 : kSettled - 1;
}

double LearningPolicy::middle_of(const Level& level) const {
  return within(level.expected + block_.offset, kLargest);
}

/// While the models follow the level that was adopted.
bool LearningPolicy::is_at_adopted(const Event& event) const {
  if (!is_settling(block_)) return false;
  if (event.time_ms - block_.begun_ms >= settings_.adopt_at_most_ms) return false;
  if (event.column != block_.known_column) return false;
  return block_.adopted.holds(event.level ? event.level->value : kLargest);
}

/// At one of the two levels, and not where it is expected anyway.
bool LearningPolicy::is_return(const Event& event) const {
  return event.level && is_known(*event.level, event.level->value);
}

bool LearningPolicy::leads_to_known_level(const Event& event) const {
  return event.level && is_known(*event.level, middle_of(*event.level));
}

bool LearningPolicy::is_known(const Level& level, double value) const {
  if (block_.knows_levels == 0 || block_.column != block_.known_column) return false;
  if (Interval{level.lower, level.upper}.holds(value)) return false;
  return block_.parked.holds(value) || block_.adopted.holds(value);
}

void LearningPolicy::interrupt(Block& block) {
  if (is_settling(block)) block.settled = 0;
  if (block.state == State::watching) block.state = State::calm;
  if (block.state != State::frozen) return;
  block.events = 0;
  block.leads_ms = kNotYet;
  block.evidence = std::min(block.evidence, static_cast<float>(kLeads));
}

}  // namespace tocsin
