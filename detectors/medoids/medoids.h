// The detector `medoids`: a stretch of values unlike every stretch that was typical.

#pragma once

#include "detectors/catalog.h"

namespace tocsin {

/// Scores a point by the distance of the window of 16 values that it ends to the nearest of 24
/// typical windows.
///
/// Values are standardised by a `Baseline` as they arrive and kept in 16 bits, within 16
/// deviations. A window near a typical one draws it a little its way and counts as a visit; one
/// further off than twice the usual distance takes the place of the least visited, unless it is
/// learned with less than half a weight. Visits halve every 1,024 points, so that what no longer
/// happens gives way.
///
/// Score:    root mean square distance over its robust mean, [0, 1.6e3]. 1 is usual.
/// Warm-up:  `warmup_points` of a feature.
/// Memory:   912 bytes a feature.  Time: O(dimensions x 24 x 16) a call.
///           Measured: 293 ns to score and learn a value (detectors/README.md).
/// Blind to: stretches that were seen before, however rarely, while they are remembered.
///
/// Source: the nearest-cluster distance of windows, as KMeansAD (P. Schmidl, S. Wenig, T.
/// Papenbrock, "Anomaly detection in time series", VLDB 15 (2022)); here online, in fixed memory,
/// by leader clustering (J. Hartigan, "Clustering algorithms" (1975), chapter 3).
extern const DetectorKind kMedoids;

}  // namespace tocsin
