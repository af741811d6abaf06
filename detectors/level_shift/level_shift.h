// The detector `level_shift`: a level other than that of the hours before.

#pragma once

#include "detectors/catalog.h"

namespace tocsin {

/// Scores a point by the distance between the median of the last 48 points and that of the 384
/// points before them.
///
/// Both are medians of medians of blocks of 8 points, so that spikes count little; the block at
/// hand stands for the oldest of the recent ones once it has more than 4 points. The unit is the
/// spread of the old blocks (their median distance from their median), but at least half of the
/// noise from point to point: the scale of the forecast where there is one, else the mean
/// difference of neighbours. It learns every point in full, whatever its weight (but 0): the level
/// that shifted is the level to compare with later.
///
/// A missing feature neither scores nor learns.
///
/// Score:    distance of the two medians in units of spread, [0, 1e300].
/// Warm-up:  432 points of a feature.
/// Memory:   272 bytes a feature.  Time: O(dimensions); with every eighth point a sort of 48
/// blocks. Blind to: spikes, shapes, changes slower than 432 points, and shifts that a daily cycle
/// exceeds.
///
/// Source: the two-window median test of change detection (e.g. D. Kifer, S. Ben-David, J. Gehrke,
/// "Detecting change in data streams", VLDB 2004, with medians for their distance).
extern const DetectorKind kLevelShift;

}  // namespace tocsin
