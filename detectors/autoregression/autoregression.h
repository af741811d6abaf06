// The detector `autoregression`: a value that does not follow from the three before it.

#pragma once

#include "detectors/catalog.h"

namespace tocsin {

/// Scores a point by how far it lies from a linear prediction of the last three values.
///
/// The prediction is an autoregression of order three with a constant, on values standardised by a
/// `Baseline`, learned by recursive least squares with a half-life. A point counts less in the
/// regression the further its residual is beyond three usual ones (Huber's weights), the residual's
/// scale is a clipped mean, and values before count within eight deviations, so an outlier moves
/// neither much, nor what is expected next.
///
/// Score:    usual residuals, as standard deviations, [0, 1e300]. 3 is unusual, 6 is alarming.
/// Warm-up:  `warmup_points` of a feature.
/// Memory:   192 bytes a feature.  Time: O(dimensions) a call.
///           Measured: 91 ns to score and learn a value (detectors/README.md).
/// Blind to: slow changes, which it follows, and what depends on more than three values.
///
/// Source: L. Ljung, "System identification" (1999), section 11.2, for recursive least squares with
/// forgetting; see `RecursiveLeastSquares` for its form.
extern const DetectorKind kAutoregression;

}  // namespace tocsin
