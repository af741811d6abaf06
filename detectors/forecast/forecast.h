// The detector `forecast`: a value that is not what was to be expected now.

#pragma once

#include "detectors/catalog.h"

namespace tocsin {

/// Scores a point by how far it lies from its forecast, in standard deviations of that side, as
/// its forecast has them now: what is usual at this hour, or in a burst, is no surprise.
///
/// It keeps no model: the stream's forecaster (`Forecaster`) does, one for all detectors. One
/// standard deviation of a side is the distance of the end of the .99 interval, over 2.576.
///
/// Score:    standard deviations, [0, 1e300]. 3 is unusual, 6 is alarming.
/// Warm-up:  32 points of a feature; without a forecast there is never a score.
/// Memory:   8 bytes, and 1,088 a feature for the forecast.  Time: O(dimensions) a call.
/// Blind to: what the forecast has followed, such as slow drift, and levels that came to stay.
extern const DetectorKind kForecast;

}  // namespace tocsin
