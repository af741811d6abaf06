// The detector `regression`: a feature that does not fit the other features of its point.

#pragma once

#include "detectors/catalog.h"

namespace tocsin {

/// Scores a point by how far a feature lies from a linear prediction by the others, for the feature
/// that lies furthest.
///
/// Each feature is predicted from the eight that follow it in the configuration (from all others
/// where there are no more), around the end to the first. Values are standardised by a `Baseline`,
/// one per feature; those that predict count within six deviations, a missing one as usual.
/// Coefficients are learned by recursive least squares with a half-life, in which a point counts
/// less the further its residual is beyond three usual ones.
///
/// Score:    usual residuals, as standard deviations, [0, 1e300]. 3 is unusual, 6 is alarming.
/// Warm-up:  `warmup_points` of a feature.
/// Memory:   488 bytes a feature.  Time: O(dimensions x 9 x 9) a lesson, O(dimensions x 9) a score.
///           Measured: 76 ns an event of one feature, 171 ns a feature of sixteen.
/// Blind to: relations that are not linear, or with features other than the eight, and delays.
///
/// Source: D. Montgomery, "Introduction to statistical quality control" (2009), section 11.4,
/// regression adjustment; see `RecursiveLeastSquares` for how it is learned.
extern const DetectorKind kRegression;

}  // namespace tocsin
