// The detector `transition`: a value that does not follow on the two before it.

#pragma once

#include "detectors/catalog.h"

namespace tocsin {

/// Scores a point by how rarely its value has followed on the two values before it.
///
/// Values of a feature fall into 12 classes of equal frequency among its first 200 points. For each
/// pair of classes in a row, eight-bit counters tell how often each class came next; a neighbour of
/// the class that came counts half, so that a value near an edge is no surprise. A row whose
/// counter is full is halved. It learns every point in full, whatever its weight (but 0).
///
/// A missing feature neither scores nor learns; the next value follows on the last one seen.
///
/// Score:    -ln of the estimated probability of the class, in [0, 12].
/// Warm-up:  222 points of a feature.
/// Memory:   1,792 bytes a feature.  Time: O(dimensions x classes).
/// Blind to: how far a value lies beyond the first 200 points, and patterns longer than three.
///
/// Source: order-2 context counting as in prediction by partial matching (J. Cleary, I. Witten,
/// IEEE Trans. Communications 32 (1984)), without escape: a small equal share stands for the
/// unseen.
extern const DetectorKind kTransition;

}  // namespace tocsin
