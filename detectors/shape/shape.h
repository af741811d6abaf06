// The detector `shape`: values that do not go together as consecutive values usually do.

#pragma once

#include "detectors/catalog.h"

namespace tocsin {

/// Scores a point by what three principal components leave of the window of 32 values that it ends.
///
/// Values are standardised by a `Baseline` as they arrive and kept in 16 bits, within 30
/// deviations. The components of the windows are followed by candid covariance-free incremental
/// principal component analysis with amnesia 2. Each window is learned with less weight the further
/// its residual is above the usual one, so that an anomaly does not become a component at once.
///
/// Score:    root mean square of the residual over its robust mean, [0, 1.5e3]. 1 is usual.
/// Warm-up:  `warmup_points` of a feature.
/// Memory:   520 bytes a feature.  Time: O(dimensions x 32 x 3) a call.
///           Measured: 330 ns to score and learn a value (detectors/README.md).
/// Blind to: shapes of more than 32 points, and what was odd in shape from the beginning.
///
/// Source: J. Weng, Y. Zhang, W. Hwang, "Candid covariance-free incremental principal component
/// analysis", IEEE Trans. Pattern Analysis and Machine Intelligence 25 (2003), equations 10 and 11,
/// with a least learning rate and a weight; on lagged windows, as in singular spectrum analysis.
extern const DetectorKind kShape;

}  // namespace tocsin
