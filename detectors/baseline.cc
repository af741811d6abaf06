#include "detectors/baseline.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "detectors/elementary.h"

namespace tocsin {
namespace {

/// Standard deviations in a mean absolute deviation of a normal distribution, sqrt(pi / 2).
constexpr double kDeviations = 1.2533141373155003;
/// Of the magnitude: stands for the spread of what was always the same.
constexpr double kPriorSpread = 0.05;
/// Of the magnitude: the rounding of a computed feature is not a spread.
constexpr double kRounding = 1e-13;
/// What a level that was adopted counts as, in points: it still moves fast.
constexpr float kAdoptedPoints = 8;
constexpr double kFarthest = 1e15;  // deviations

double magnitude_of(const Baseline& baseline, double value) {
  return std::max(std::fabs(baseline.level), std::fabs(value));
}

/// Keeps the first three points, then begins from their median with its distances to the others
/// as spreads; one that is ten times the other is an outlier's, and cut to that.
void begin(Baseline& baseline, double value) {
  std::array<double, 3> seen{baseline.level, baseline.spread[above], baseline.spread[below]};
  seen[static_cast<std::size_t>(baseline.points)] = value;
  baseline.points += 1;
  if (baseline.points == 3) {
    std::sort(seen.begin(), seen.end());
    const double over = seen[2] - seen[1];
    const double under = seen[1] - seen[0];
    const double least = std::min(over, under);
    const double most = least > 0 ? 10 * least : std::max(over, under);
    seen = {seen[1], std::min(over, most), std::min(under, most)};
    baseline.spread_points = {over > 0 ? 1.0F : 0.0F, under > 0 ? 1.0F : 0.0F};
  }
  baseline.level = seen[0];
  baseline.spread = {seen[1], seen[2]};
}

}  // namespace

double clamp_value(double value) { return std::clamp(value, -kLargestValue, kLargestValue); }

double deviation(const Baseline& baseline, Side side, double magnitude) {
  const double known = baseline.spread[side];
  const double other = baseline.spread[1 - side];
  // One point's weight goes to what is known otherwise: the other side, or the magnitude.
  const double prior = other > 0 ? other : kPriorSpread * magnitude;
  const auto points = static_cast<double>(baseline.spread_points[side]);
  const double blended = (known * points + prior) / (points + 1);
  // Of the level's magnitude, not the value's: else an outlier would be judged by its own size.
  const double floor = kRounding * std::fabs(baseline.level) + std::numeric_limits<double>::min();
  return std::max(kDeviations * blended, floor);
}

double deviation(const Baseline& baseline, double value) {
  const double magnitude = magnitude_of(baseline, value);
  return (deviation(baseline, above, magnitude) + deviation(baseline, below, magnitude)) / 2;
}

Offset measure(const Baseline& baseline, double value) {
  const double difference = value - baseline.level;
  const Side side = difference < 0 ? below : above;
  return {difference, std::fabs(difference),
          deviation(baseline, side, magnitude_of(baseline, value)), side};
}

double standardised(const Baseline& baseline, double value) {
  const double off = (value - baseline.level) / deviation(baseline, value);
  return std::clamp(off, -kFarthest, kFarthest);
}

BaselineRule::BaselineRule(double half_life_points)
    : forgetting_(forgetting(half_life_points)),
      memory_points_(static_cast<float>(1 / forgetting_)),
      adoption_points_(static_cast<float>(std::max(8.0, half_life_points / 4))) {}

double BaselineRule::learn(Baseline& baseline, double value, float points) const {
  if (baseline.points < 3) {
    begin(baseline, value);
    return 0;
  }
  const auto [difference, distance, deviation, side] = measure(baseline, value);
  const double limit = kBaselineClip * deviation;
  const double clipped = std::min(distance, limit);
  const auto weight = static_cast<double>(points);
  baseline.points += points;
  const double share = weight * std::max(1 / static_cast<double>(baseline.points), forgetting_);
  baseline.level += share * std::copysign(clipped, difference);
  if (distance > 0) {
    float& behind = baseline.spread_points[side];
    behind = std::min(behind + points, memory_points_);
    baseline.spread[side] +=
        weight / static_cast<double>(behind) * (clipped - baseline.spread[side]);
  }
  if (distance > limit) {
    return continue_streak(baseline, value, side == above ? points : -points);
  }
  baseline.streak /= 2;
  return 0;
}

/// Counts a clipped point, and adopts the level of the streak when it is long enough. `points` is
/// negative below the level.
double BaselineRule::continue_streak(Baseline& baseline, double value, float points) const {
  if (baseline.streak == 0 || (baseline.streak < 0) != (points < 0)) {
    baseline.streak = 0;
    baseline.recent = value;
  }
  baseline.streak += points;
  baseline.recent += static_cast<double>(points / baseline.streak) * (value - baseline.recent);
  if (std::fabs(baseline.streak) < adoption_points_) return 0;
  const double jump = baseline.recent - baseline.level;
  baseline.level = baseline.recent;
  baseline.points = std::min(baseline.points, kAdoptedPoints);
  for (float& behind : baseline.spread_points) behind = std::min(behind, kAdoptedPoints / 2);
  baseline.streak = 0;
  return jump;
}

}  // namespace tocsin
