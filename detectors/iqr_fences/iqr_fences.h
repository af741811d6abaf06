// The detector `iqr_fences`: a value beyond the fences of a box plot.

#pragma once

#include "detectors/catalog.h"

namespace tocsin {

/// Scores a point by how far it lies beyond the nearer quartile, in distances between the
/// quartiles.
///
/// Nothing within `k` of them is strange at all. The quartiles are followed by stochastic
/// approximation, with steps in proportion to the deviation of a `Baseline`: a step does not depend
/// on how far off the value is, so that outliers of any size move them alike. Where the quartiles
/// coincide, as in a feature that is nearly always 0, a fifth of that deviation stands for their
/// distance.
///
/// Score:    distances between the quartiles, 0 or (k, 1e300].
/// Warm-up:  `warmup_points` of a feature.
/// Memory:   72 bytes a feature.  Time: O(dimensions) a call.
///           Measured: 49 ns to score and learn a value (detectors/README.md).
/// Blind to: anything within the fences, order, and features that are each normal but not together.
///
/// Source: J. Tukey, "Exploratory data analysis" (1977), chapter 2, for the fences; L. Tierney, "A
/// space-efficient recursive procedure for estimating a quantile of an unknown distribution", SIAM
/// J. Scientific and Statistical Computing 4 (1983), for the quartiles, with the deviation for the
/// density, and forgetting.
extern const DetectorKind kIqrFences;

}  // namespace tocsin
