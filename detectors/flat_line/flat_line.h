// The detector `flat_line`: a feature that stands still for longer than it ever did.

#pragma once

#include "detectors/catalog.h"

namespace tocsin {

/// Scores a point by how rarely a feature has kept (nearly) the same value for so long.
///
/// A run goes on while values lie within `tolerance` usual steps of the run's first value; a usual
/// step is the clipped mean of the steps that were none of a run. Completed runs are counted by
/// length in powers of two, and forgotten with a half-life. The score is minus the logarithm of the
/// probability that a run reaches the length at hand: the product, over the doublings it has gone
/// through, of the share of earlier runs that went on through each. What was never seen counts as
/// if one run in four went on, so a doubling of the longest run adds 1.4. A counter that often
/// stands still is not strange for doing so, and a feature that never changed has no score at all.
///
/// A run at hand counts every point that is learned at all; a completed one teaches with the weight
/// of the point that ended it.
///
/// Score:    -ln of a probability, [0, 50]; 0 where the value has changed.
/// Warm-up:  `warmup_runs` completed runs of a feature.
/// Memory:   104 bytes a feature.  Time: O(dimensions) a call, and O(log run) at the end of a run.
///           Measured: 30 ns to score and learn a value (detectors/README.md).
/// Blind to: what values are, repetition of patterns, and features that change by drifting slowly.
///
/// Source: E. L. Kaplan, P. Meier, "Nonparametric estimation from incomplete observations", Journal
/// of the American Statistical Association 53 (1958), the product-limit estimator; here on a
/// logarithmic axis, with a prior and forgetting.
extern const DetectorKind kFlatLine;

}  // namespace tocsin
