// The detector `half_space_trees`: a point where few points are, in all features together.

#pragma once

#include "detectors/catalog.h"

namespace tocsin {

/// Scores a point by how little mass lies in its cells of random trees of half-spaces.
///
/// Features need no scaling: each has a range, the spread between its 10 % and 90 % points with
/// three quarters of it added on both sides, taken from a sample of recent points. A **refit**
/// computes the ranges anew, and the mass of all cells from the sample, after 64, 256, 1,024...
/// learned points and then after every `refit_every`. It is adopted when a quarter of
/// `refit_every` more points (early: of the points so far) have been learned. In between, cells
/// count what they learn; every `window_points` of weight they are rated anew, and half of their
/// mass is forgotten.
///
/// A missing feature lies at the median of the sample. Below weight 1 a point adds less mass, and
/// enters the sample with that probability. At most 512 points are sampled between two refits.
///
/// Score:    bits, [0, depth + 22]: how much rarer than if all points shared one cell, the mean of
///           the trees. Only the order and the distances mean something, not the zero.
/// Warm-up:  80 points: the first refit is adopted.
/// Memory:   8 bytes a leaf of each tree (200 KiB with the defaults), and 8.2 KB a feature.
/// Time:     O(trees (dimensions + depth)) a call; O(trees 2^depth) once a window.
/// Blind to: time and order, and small deviations of one feature among many.
///
/// Source: S. C. Tan, K. M. Ting, T. F. Liu, "Fast anomaly detection for streaming data", IJCAI
/// 2011, algorithms 1 to 3. Differences: ranges are learned; the reference mass is not the last
/// window's but fades from window to window; a tree's score is the logarithm of its cell's mass
/// over the expected, not mass times 2^depth, and ends at a twentieth of all mass, not a tenth of
/// the window; only leaves count, their ancestors are summed when cells are rated.
extern const DetectorKind kHalfSpaceTrees;

}  // namespace tocsin
