#include "tests/bench/injections/oracle.h"

#include <algorithm>
#include <cmath>

namespace tocsin::bench {

namespace {

constexpr double kFarthest = 30;

/// The deviate that is exceeded with a probability of at most .5 (Abramowitz and Stegun, 26.2.23).
double deviate_of(double probability) {
  const double t = std::sqrt(-2 * std::log(std::max(probability, 1e-190)));
  return t - (2.515517 + t * (.802853 + t * .010328)) /
                 (1 + t * (1.432788 + t * (.189269 + t * .001308)));
}

/// Of a value with its equals half below and half above it.
double deviate_of(const Tails& tails) {
  const double above = (tails.at_least + 1 - tails.at_most) / 2;
  const double below = (tails.at_most + 1 - tails.at_least) / 2;
  // The smaller one is the more exact where it stands for itself.
  if (tails.at_least < tails.at_most) {
    return std::min(kFarthest, deviate_of(std::min(.5, std::min(above, tails.at_least))));
  }
  return -std::min(kFarthest, deviate_of(std::min(.5, std::min(below, tails.at_most))));
}

}  // namespace

double Oracle::judge(const Tails& tails) {
  const double deviate = deviate_of(tails);
  last_[count_++ % kRoom] = deviate;
  double largest = 0;
  for (std::size_t i = 0; i < kSpans; ++i) {
    const std::size_t span = std::size_t{1} << i;
    const double gone = count_ > span ? last_[(count_ - 1 - span) % kRoom] : 0;
    sums_[i] += deviate - gone;
    squares_[i] += deviate * deviate - gone * gone;
    if (count_ < span) continue;
    const auto length = static_cast<double>(span);
    largest = std::max(largest, std::abs(sums_[i]) / std::sqrt(length));
    if (span < 4) continue;
    const double share = 2 / (9 * length);
    const double mean_square = std::max(0.0, squares_[i]) / length;
    largest = std::max(largest, (std::cbrt(mean_square) - (1 - share)) / std::sqrt(share));
  }
  return largest;
}

}  // namespace tocsin::bench
