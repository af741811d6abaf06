// A detector that knows the true model of clean data.

#pragma once

#include <array>
#include <cstddef>

#include "tests/bench/contract/families.h"

namespace tocsin::bench {

/// Judges the values of one series, one after another, by their probabilities. What disturbs them,
/// when and how much, it does not know: a scan statistic of levels and spreads.
class Oracle {
 public:
  /// How strange the value that came now, and those before, are; higher is stranger. The largest
  /// of: the sum of the last 1, 2, 4, ..., 128 normal deviates by its own standard deviation; and
  /// of the squares of the last 4, 8, ..., 128, made normal (Wilson and Hilferty, 1931).
  double judge(const Tails& tails);

 private:
  static constexpr std::size_t kSpans = 8;
  static constexpr std::size_t kRoom = 256;

  std::array<double, kRoom> last_{};
  std::array<double, kSpans> sums_{};
  std::array<double, kSpans> squares_{};
  std::size_t count_ = 0;
};

}  // namespace tocsin::bench
