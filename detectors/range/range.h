// The detector `range`: a value beyond all that was seen before.

#pragma once

#include "detectors/catalog.h"

namespace tocsin {

/// Scores a point by how far it lies outside the range of its feature, in widths of that range.
///
/// Nothing inside the range, or outside by less than `margin` of its width, is strange at all.
/// The range widens to what it learns at once, and each end moves towards what it learns inside
/// with a half-life, so that one outlier does not blind it for ever. After a breach the margin
/// doubles, and comes back with a sixteenth of the half-life: a series that climbs to new records
/// breaches once, not at each step.
///
/// A series that was constant has no width; a tenth of its magnitude stands for it. A missing
/// feature neither scores nor learns. Below weight 1 the range widens only by that share.
///
/// Score:    widths of the range, 0 or [margin, 1e300].
/// Warm-up:  `warmup_points` of a feature.
/// Memory:   24 bytes a feature.  Time: O(dimensions) a call.
/// Blind to: anything within the range, such as an odd shape, a flat line or a wrong level.
///
/// Source: the rule "beyond the past range by more than 5 %, after 200 points (here 100)" is
/// folklore of the Numenta Anomaly Benchmark; the decay and the growing margin are ours.
extern const DetectorKind kRange;

}  // namespace tocsin
