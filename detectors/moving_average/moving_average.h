// The detector `moving_average`: the mean of late, against the mean of always.

#pragma once

#include "detectors/catalog.h"

namespace tocsin {

/// Scores a point by the distance between a short moving average, which it ends, and a long one.
///
/// The short average is exponentially weighted with the mean age of a window of `short_points`; the
/// long one is the level of a `Baseline`. Values count within eight deviations of it, so that one
/// outlier is no deviation of the average for long. The unit is the robust mean of that distance:
/// how far the averages lie apart usually, whatever the noise, its colour, or the daily cycle.
///
/// Score:    usual distances, as standard deviations, [0, 1e3]. 3 is unusual, 6 is alarming.
/// Warm-up:  `long_points` of a feature.
/// Memory:   72 bytes a feature.  Time: O(dimensions) a call.
///           Measured: 57 ns to score and learn a value (detectors/README.md).
/// Blind to: single values, and shifts that are usual at some time of the day.
///
/// Source: S. Roberts, "Control chart tests based on geometric moving averages", Technometrics 1
/// (1959); here against a robust level, with a learned unit.
extern const DetectorKind kMovingAverage;

}  // namespace tocsin
