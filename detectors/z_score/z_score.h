// The detector `z_score`: standard deviations from the mean.

#pragma once

#include "detectors/catalog.h"

namespace tocsin {

/// Scores a point by its largest distance from an exponentially weighted mean, in exponentially
/// weighted standard deviations.
///
/// The first points count alike, so that both begin as the plain mean and standard deviation, of
/// three points of which an outlier is cut. Nothing further off than ten deviations is learned as
/// more, so that an outlier of any size widens the deviation by a few percent; `spike` bears
/// outliers better, and tells the two sides apart.
///
/// Score:    standard deviations, [0, 1e300]. 3 is unusual, 6 is alarming.
/// Warm-up:  `warmup_points` of a feature.
/// Memory:   24 bytes a feature.  Time: O(dimensions) a call.
///           Measured: 23 ns to score and learn a value (detectors/README.md).
/// Blind to: slow drift, skewness, and features that are each normal but not together.
///
/// Source: T. Finch, "Incremental calculation of weighted mean and variance", University of
/// Cambridge (2009), section 9, with equal weights at first and the clipping.
extern const DetectorKind kZScore;

}  // namespace tocsin
