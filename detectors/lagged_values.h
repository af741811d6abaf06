// The last values of a feature, standardised, for detectors that look at stretches.

#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "detectors/baseline.h"

namespace tocsin {

/// A ring of the last `Lags` values, in steps of 1 / `Steps` deviations from the baseline of their
/// time; `Most` deviations at most. Where it stands is told by how many values were seen, ever.
template <std::size_t Lags, int Steps, int Most>
struct LaggedValues {
  using Window = std::array<std::int16_t, Lags>;

  /// The window that ends with `value`, oldest first.
  Window with(const Baseline& baseline, std::uint32_t seen, double value) const {
    Window window{};
    const std::size_t oldest = (seen + 1) % Lags;
    const auto middle =
        std::copy(ring.begin() + static_cast<std::ptrdiff_t>(oldest), ring.end(), window.begin());
    std::copy_n(ring.begin(), oldest, middle);
    window.back() = quantised(baseline, value);
    return window;
  }

  /// Takes a value in, and counts it.
  void keep(const Baseline& baseline, std::uint32_t& seen, double value) {
    ring[seen % Lags] = quantised(baseline, value);
    ++seen;
    // Where the count would wrap round it goes back, in step with the ring, and stays warm.
    if (seen == 0) seen = 0x80000000U;
  }

  Window ring;

 private:
  static_assert(0x80000000U % Lags == 0 && Steps * Most < 0x8000);

  static std::int16_t quantised(const Baseline& baseline, double value) {
    const double z = std::clamp<double>(standardised(baseline, value), -Most, Most);
    return static_cast<std::int16_t>(std::floor(z * Steps + 0.5));
  }
};

}  // namespace tocsin
