// The detector `variance_change`: a feature noisier or quieter than before.

#pragma once

#include "detectors/catalog.h"

namespace tocsin {

/// Scores a point by how much the logarithm of the distance from a robust level has changed: the
/// mean of the last 12 points against the 96 before, and of the last 48 against the 384 before.
///
/// A logarithm makes a change of spread a shift, of the same size at every scale. The level is a
/// `Baseline`; distances count between a tenth and eight of its deviations, so that neither a spike
/// nor a repeated value is a change of spread. Means of 12 points are kept in blocks; the error of
/// a difference comes from how much the blocks differ among themselves, so that a series whose
/// noise comes and goes in bursts is not strange for doing so. What a change amounts to must reach
/// `min_change`.
///
/// The windows take every point that is learned at all, whatever its weight, since what happened
/// has happened; the weight slows the level.
///
/// Score:    standard errors of the difference, the larger of the two window pairs, [0, 1e4].
/// Warm-up:  147 points of a feature.
/// Memory:   168 bytes a feature.  Time: O(dimensions x 12) a call, and O(36) every 12 points.
///           Measured: 118 ns to score and learn a value (detectors/README.md).
/// Blind to: the level itself, single spikes, and changes smaller than `min_change`.
///
/// Source: H. Levene, "Robust tests for equality of variances", Contributions to Probability and
/// Statistics (1960), tests absolute deviations from the centre; here their logarithms, in two
/// sliding window pairs.
extern const DetectorKind kVarianceChange;

}  // namespace tocsin
