// What several events of an entity say together.

#pragma once

#include <algorithm>

namespace tocsin {

/// A cumulative sum of surprises: events that are each not rare enough to alarm may be so together.
///
/// Of an event with probability p, log10 of .2 p^-.8 is added, which is less than 0 on average over
/// normal events, and the sum starts anew at 0. A single event's p says nothing beyond 1e-5, so it
/// adds at most as much as that. The sum is no probability: it is calibrated among the sums of all
/// entities of the partition, because on some data surprises come in groups by themselves.
///
/// Blind to: many mild surprises (p above .13) however long; events far apart, with more than some
/// ten normal ones between them.
/// Memory: 4 bytes an entity.
///
/// Source: J. Shin, A. Ramdas, A. Rinaldo, "E-detectors: a nonparametric framework for sequential
/// change detection" (2022), the CUSUM of e-values; p^-.8 is a calibrator of V. Vovk and R. Wang,
/// "E-values: calibration, combination and applications" (2021). Differs: calibrated, because p is
/// not independent of the events before.
class Evidence {
 public:
  /// -log10 of what a single event's probability is believed down to.
  static constexpr double kBelievable = 5;
  static constexpr double kRarestOfOne = 1e-5;  ///< The same as a probability.
  /// An event that is commoner opens nothing by what was before it.
  static constexpr double kOrdinary = .02;

  /// Adds an event of that surprise, -log10 p, and returns the sum, >= 0.
  static double add(float& sum, double surprise) {
    constexpr double kGain = .8;
    constexpr double kDrift = -.69897;  // log10 of 1 - kGain
    constexpr double kMost = 12;
    const double added = kDrift + kGain * std::min(surprise, kBelievable);
    const double now = std::clamp(static_cast<double>(sum) + added, 0.0, kMost);
    sum = static_cast<float>(now);
    return now;
  }
};

}  // namespace tocsin
