#include "detectors/cumulative_sum.h"

#include <algorithm>
#include <cmath>

namespace tocsin {
namespace {

/// In deviations: nothing further off adds more.
constexpr double kClip = 3;
/// What a level that was adopted counts as at least, in points.
constexpr float kLeastPoints = 8;

double distance(const CumulativeSum::Feature& feature, double value) {
  return std::clamp(standardised(feature.baseline, value), -kClip, kClip);
}

}  // namespace

CumulativeSum::CumulativeSum(const Rule& rule)
    : baseline_rule_(rule.half_life_points), rule_(rule) {}

double CumulativeSum::score(const Feature& feature, double value) const {
  const double off = distance(feature, value);
  const double up = rule_.direction == Direction::down ? 0 : sum_with(feature, above, off, 1);
  const double down = rule_.direction == Direction::up ? 0 : sum_with(feature, below, -off, 1);
  return std::max(up, down);
}

double CumulativeSum::blame(const Feature& feature, double value) const {
  return score(feature, value) * (1 + std::fabs(standardised(feature.baseline, value)));
}

void CumulativeSum::learn(Feature& feature, double value, double weight) const {
  if (feature.baseline.points >= 3) {
    const double off = distance(feature, value);
    add(feature, above, off, weight);
    add(feature, below, -off, weight);
  }
  baseline_rule_.learn(feature.baseline, value, static_cast<float>(weight));
  feature.seen += weight;
  for (const Side side : {above, below}) {
    if (static_cast<double>(feature.sums[side]) > rule_.threshold) return recentre(feature, side);
  }
}

double CumulativeSum::sum_with(const Feature& feature, Side side, double off, double weight) const {
  return std::max(static_cast<double>(feature.sums[side]) + weight * (off - rule_.drift), 0.0);
}

void CumulativeSum::add(Feature& feature, Side side, double off, double weight) const {
  feature.sums[side] = static_cast<float>(sum_with(feature, side, off, weight));
  feature.points[side] =
      feature.sums[side] == 0 ? 0 : feature.points[side] + static_cast<float>(weight);
}

/// Takes the mean since the sum was last 0 for the level.
void CumulativeSum::recentre(Feature& feature, Side side) const {
  const double mean = static_cast<double>(feature.sums[side] / feature.points[side]) + rule_.drift;
  const double shift = mean * deviation(feature.baseline, feature.baseline.level);
  Baseline& baseline = feature.baseline;
  baseline.level = clamp_value(baseline.level + (side == above ? shift : -shift));
  baseline.points = std::min(baseline.points, std::max(feature.points[side], kLeastPoints));
  feature.sums.fill(0);
  feature.points.fill(0);
}

}  // namespace tocsin
