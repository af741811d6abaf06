// The detector `new_value`: a value such as was never seen, beyond the range or inside it.

#pragma once

#include "detectors/catalog.h"

namespace tocsin {

/// Scores a point by how far its value lies from every value seen before, in bins.
///
/// The values of a feature are sorted into 256 bins around their mean: `bin_width` mean deviations
/// wide near it, growing by a twentieth a bin beyond 64 of them. A bin that was visited, or beside
/// one that was, is not strange. So a value in a gap of the distribution is found, which a range
/// cannot see, and a level that drifts bin by bin is not reported at each step.
///
/// Mean and deviation are those of the first 100 points; what was visited before is carried over
/// when they become known better. Visits are forgotten after one to two times `memory_points`. It
/// learns every point in full, whatever its weight (but 0): what was seen is no longer new.
///
/// Score:    0, or with g >= 1 the bins between the value and the nearest visited one
///           ((1 + 3 g)^0.3 - 1) / 3: a breach, as `range` has it, with far gaps told less apart.
/// Warm-up:  100 points of a feature.
/// Memory:   104 bytes a feature.  Time: O(dimensions + bins to the nearest visited one).
/// Blind to: the order of values, and any value that was seen once.
///
/// Source: ours; the idea that only what is new alarms is that of vigilance in adaptive resonance
/// (G. Carpenter, S. Grossberg, "ART 2", Applied Optics 26 (1987)), on one axis.
extern const DetectorKind kNewValue;

}  // namespace tocsin
