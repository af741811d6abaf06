// The detector `spike`: a value far from where the feature usually is.

#pragma once

#include "detectors/catalog.h"

namespace tocsin {

/// Scores a point by its largest distance from the level of a feature, measured in the feature's
/// own spread on that side.
///
/// The level is a mean that forgets with a half-life and takes nothing further off than three
/// spreads whole (Huber's clipping); the spread above is the clipped mean distance of what lay
/// above the level, likewise below, so that a skewed feature has two. Each begins with equal
/// weights from the median of three points, so early points count as much as they should. A
/// series that was constant has no spread; until it has one, a twentieth of the magnitude stands
/// for it, so constant and two-valued series stay finite.
///
/// A level shift is clipped at first. Once points have been clipped on one side for a quarter of
/// the half-life, weighted as they were learned, the level is where they are and learns anew.
///
/// A missing feature neither scores nor learns. Below weight 1 a point moves everything less.
///
/// Score:    robust standard deviations, [0, 1e300]. 3 is unusual, 6 is alarming.
/// Warm-up:  `warmup_points` of a feature.
/// Memory:   8 bytes, and 48 a feature.  Time: O(dimensions) a call.
/// Blind to: drift slower than the half-life, changes of shape within the spread, and features
///           that are each normal but not together.
///
/// Source: P. J. Huber, "Robust estimation of a location parameter", Annals of Mathematical
/// Statistics 35 (1964), for the clipping; here recursive and forgetting, with a spread for each
/// side.
extern const DetectorKind kSpike;

}  // namespace tocsin
