// The detector `fitted_tail`: how rare a value as far out as this one is.

#pragma once

#include "detectors/catalog.h"

namespace tocsin {

/// Scores a point by minus the logarithm of its tail probability, on the stranger side.
///
/// On each side a tracked 95 % point is exceeded by a twentieth of the values; how far they exceed
/// it is fitted by a generalised Pareto distribution, from mean and mean square of the excesses.
/// Both forget. The shape is shrunk to 0 (an exponential tail) while there are few excesses, and
/// kept within [0, 0.45]: a tail is never taken to end, so that what lies beyond everything seen is
/// rare, not impossible. Excesses count twelve mean ones at most in the fit. Values short of the 95
/// % points are not strange at all.
///
/// Score:    -ln of a probability, 0 or [3, 1e300]. 6.9 is one in 1,000, 9.2 one in 10,000.
/// Warm-up:  `warmup_points` of a feature.
/// Memory:   112 bytes a feature.  Time: O(dimensions) a call.
///           Measured: 58 ns to score and learn a value (detectors/README.md).
/// Blind to: order, and anything but values far out; atoms make it cautious.
///
/// Source: J. Hosking, J. Wallis, "Parameter and quantile estimation for the generalized Pareto
/// distribution", Technometrics 29 (1987), section 3.2, method of moments; peaks over a threshold
/// as in A. Siffer et al., "Anomaly detection in streams with extreme value theory", KDD 2017.
extern const DetectorKind kFittedTail;

}  // namespace tocsin
