#include "pipeline/scoring/entity_calibrator.h"

#include <algorithm>
#include <cmath>

namespace tocsin {

namespace {

constexpr double kPriorReached = 4;
constexpr std::uint16_t kReachedMax = 4096;

/// The largest k with p <= 2^-k, at most the deepest level.
std::size_t level_of(double p) {
  int exponent = 0;
  const double mantissa = std::frexp(p, &exponent);
  const int level = (mantissa == .5 ? 1 : 0) - exponent;
  return static_cast<std::size_t>(std::clamp(level, 0, static_cast<int>(kProbabilityLevels) - 1));
}

}  // namespace

double EntityCalibrator::observe(Block& block, double pooled,
                                 const std::array<double, kProbabilityLevels>& reach) {
  const std::size_t level = level_of(pooled);
  auto onward = [&](std::size_t k) {
    const double prior = reach[k + 1] / reach[k];
    return (block.reached[k + 1] + kPriorReached) / (block.reached[k] + kPriorReached / prior);
  };

  double p = 1;
  for (std::size_t k = 0; k < level; ++k) p *= onward(k);
  if (level + 1 == kProbabilityLevels) {
    p *= std::min(1.0, pooled / reach[level]);
  } else if (reach[level] > reach[level + 1]) {
    const double way = (reach[level] - pooled) / (reach[level] - reach[level + 1]);
    p *= 1 - std::clamp(way, 0.0, 1.0) * (1 - onward(level));
  }

  for (std::size_t k = 0; k <= level; ++k) ++block.reached[k];
  if (block.reached[0] >= kReachedMax) {
    for (std::uint16_t& count : block.reached) count = static_cast<std::uint16_t>(count / 2);
  }
  return p;
}

}  // namespace tocsin
