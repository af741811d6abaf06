// The detector `trend_change`: a feature that climbs or falls otherwise than before.

#pragma once

#include "detectors/catalog.h"

namespace tocsin {

/// Scores a point by the difference between the slope of the last 64 points and that of the 192
/// before them, in units of its error.
///
/// Both are least squares lines through means of 8 points; the block at hand counts as much as it
/// has points. The error comes from the larger of the two lines' residuals, so that a jump, which
/// no line fits, scores about 4 at most. A point further than eight usual distances from the last
/// block's mean is cut to that; with each further one in a row the limit doubles, so a shift is
/// believed within a few points and an outlier is not.
///
/// The blocks take every point that is learned at all, whatever its weight. Numbers are kept
/// relative to an origin and a unit, which move with the feature.
///
/// Score:    standard errors of the difference of slopes, [0, 1e6].
/// Warm-up:  256 points of a feature.
/// Memory:   168 bytes a feature.  Time: O(dimensions x 9) a call, and O(32) every 8 points.
///           Measured: 76 ns to score and learn a value (detectors/README.md).
/// Blind to: trends that have always been there, and bends of fewer than a few blocks.
///
/// Source: the t test for two regression slopes (e.g. N. Draper, H. Smith, "Applied regression
/// analysis", 1998, chapter 1), in two sliding windows.
extern const DetectorKind kTrendChange;

}  // namespace tocsin
