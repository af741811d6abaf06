#include "pipeline/scoring/feature_limits.h"

#include <algorithm>
#include <cmath>

namespace tocsin {

FeatureLimits::FeatureLimits(const StreamSettings& settings) {
  const bool are_there = std::ranges::any_of(settings.features, [](const FeatureSettings& feature) {
    return feature.limits != FeatureSettings::Limits{};
  });
  if (!are_there) return;
  for (const FeatureSettings& feature : settings.features) limits_.push_back(feature.limits);
}

bool FeatureLimits::admits(std::size_t column, double value, std::optional<double> expected) const {
  const FeatureSettings::Limits& limits = limits_[column];
  if (limits.ignore_below && value < *limits.ignore_below) return false;
  if (!expected) return true;
  if (std::abs(value - *expected) < limits.min_change) return false;
  switch (limits.direction) {
    case Direction::up:
      return value > *expected;
    case Direction::down:
      return value < *expected;
    case Direction::both:
      break;
  }
  return true;
}

}  // namespace tocsin
