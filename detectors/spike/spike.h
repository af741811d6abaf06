// The detector `spike`: a value far from where the feature usually is.

#pragma once

#include "detectors/catalog.h"

namespace tocsin {

/// Scores a point by its largest distance from the level of a feature, measured in the feature's
/// own spread on that side.
///
/// Level and spreads are those of `Baseline`: clipped means that forget with a half-life, a spread
/// for each side, and a shift of the level adopted after a quarter of the half-life.
///
/// A missing feature neither scores nor learns. Below weight 1 a point moves everything less.
///
/// Score:    robust standard deviations, [0, 1e300]. 3 is unusual, 6 is alarming.
/// Warm-up:  `warmup_points` of a feature.
/// Memory:   8 bytes, and 48 a feature.  Time: O(dimensions) a call.
/// Blind to: drift slower than the half-life, changes of shape within the spread, and features
///           that are each normal but not together.
///
/// Source: see `Baseline`.
extern const DetectorKind kSpike;

}  // namespace tocsin
