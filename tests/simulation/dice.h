// Random numbers of one run, in the order in which they are asked for.

#pragma once

#include <cstdint>

#include "detectors/counter_random.h"

namespace tocsin::simulation {

class Dice {
 public:
  Dice(std::uint64_t seed, std::uint64_t key) : place_{.seed = seed, .key = key, .count = 0} {}

  std::uint64_t next() {
    const std::uint64_t bits = random_bits(place_);
    ++place_.count;
    return bits;
  }
  /// 0 to `n` - 1.
  std::uint64_t below(std::uint64_t n) { return next() % n; }
  /// `from` to `to`, both included.
  int between(int from, int to) {
    return from + static_cast<int>(below(static_cast<std::uint64_t>(to - from + 1)));
  }
  bool one_in(std::uint64_t n) { return below(n) == 0; }
  /// Uniform in [0, 1).
  double unit() { return static_cast<double>(next() >> 11U) * 0x1p-53; }
  /// Roughly normal: mean 0, variance 1.
  double bell() {
    double sum = 0;
    for (int i = 0; i < 12; ++i) sum += unit();
    return sum - 6;
  }

 private:
  RandomPlace place_;
};

}  // namespace tocsin::simulation
