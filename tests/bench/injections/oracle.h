// Detectors that know the true model of clean data, and the kind of disturbance.

#pragma once

#include <memory>

#include "tests/bench/contract/families.h"

namespace tocsin::bench {

/// Judges the values of one series, one after another.
class Oracle {
 public:
  virtual ~Oracle() = default;
  /// How strange the value that came now, and those before, are; larger is stranger.
  virtual double judge(const Tails& tails) = 0;
};

/// Sees single values: minus the logarithm of their probability.
std::unique_ptr<Oracle> make_value_oracle();
/// Sees levels: the largest sum of the last 1, 2, 4, ..., 128 normal deviates, each by its own
/// standard deviation (a scan statistic: neither the begin nor the size is known).
std::unique_ptr<Oracle> make_level_oracle();
/// Sees spreads: the same of squares, from 4 on, made normal (Wilson and Hilferty, 1931).
std::unique_ptr<Oracle> make_spread_oracle();

}  // namespace tocsin::bench
