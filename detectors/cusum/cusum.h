// The detector `cusum`: a small shift of the level that lasts.

#pragma once

#include "detectors/catalog.h"

namespace tocsin {

/// Scores a point by the larger of two cumulative sums, of what values lie above the level by more
/// than `drift` deviations, and below it.
///
/// The level is a `Baseline`, which follows what it can with a half-life; a lasting shift is faster
/// than that. For the rest see `CumulativeSum`.
///
/// Score:    deviations, [0, threshold + 3]. 5 comes once in 900 points of white noise.
/// Warm-up:  `warmup_points` of a feature.
/// Memory:   72 bytes a feature.  Time: O(dimensions) a call.
///           Measured: 67 ns to score and learn a value (detectors/README.md).
/// Blind to: single spikes, and trends slower than the level's half-life.
///
/// Source: E. Page, "Continuous inspection schemes", Biometrika 41 (1954), section 3; the estimate
/// of the new level is D. Montgomery's, "Introduction to statistical quality control", section 9.1.
extern const DetectorKind kCusum;

}  // namespace tocsin
