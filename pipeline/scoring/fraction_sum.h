// A sum of fractions that a counter of whole numbers shows.

#pragma once

#include <cstdint>

#include "pipeline/counter.h"

namespace tocsin {

/// Adds up amounts much smaller than one, and counts the whole ones. Threads: one.
class FractionSum {
 public:
  /// `amount` >= 0, in the counter's unit.
  void add(Counter& counter, double amount) {
    rest_ += amount;
    if (rest_ < 1) return;
    const auto whole = static_cast<std::uint64_t>(rest_);
    counter.add(whole);
    rest_ -= static_cast<double>(whole);
  }

 private:
  double rest_ = 0;  // < 1; not counted yet.
};

}  // namespace tocsin
