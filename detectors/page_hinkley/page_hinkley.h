// The detector `page_hinkley`: a drift away from the mean of all values so far.

#pragma once

#include "detectors/catalog.h"

namespace tocsin {

/// Scores a point by the larger of two cumulative sums, of what values lie above the mean of all
/// values by more than `drift` deviations, and below it.
///
/// The mean counts all values since the last alarm alike, and the drift is small: compared with
/// `cusum`, whose level forgets, it finds smaller and slower shifts, later. For the rest see
/// `CumulativeSum`.
///
/// Score:    deviations, [0, threshold + 3].
/// Warm-up:  `warmup_points` of a feature.
/// Memory:   72 bytes a feature.  Time: O(dimensions) a call.
///           Measured: 60 ns to score and learn a value (detectors/README.md).
/// Blind to: single spikes, and shifts smaller than `drift`.
///
/// Source: D. Hinkley, "Inference about the change-point from cumulative sum tests", Biometrika 58
/// (1971), and the test of E. Page (1954), two-sided, on standardised and clipped values.
extern const DetectorKind kPageHinkley;

}  // namespace tocsin
