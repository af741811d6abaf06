// The detector `event_density`: more or fewer events in a while than usual.

#pragma once

#include "detectors/catalog.h"

namespace tocsin {

/// Scores an event by how improbable the number of events of late is, in event time.
///
/// Events are counted in a window of five parts that slides by parts. Its length is
/// `window_seconds`, or such that it usually holds 16 events. What counts is whether the window
/// that the event ends holds too many; whether the last whole one held too few; and whether the
/// silence before the event was too long. Mean and variance of counts are learned in event time,
/// irregular arrival included: where the variance is above the mean, the tail is a negative
/// binomial's, else a Poisson's, narrower the more regular the arrivals are. Tails are normal tails
/// of the signed root of the deviance.
///
/// Silence is only seen once an event ends it. A late event counts as one of now. A silence teaches
/// as at most 32 parts, so that an outage does not become normal. Where input was gone
/// (`Point::known_since_ms`), counting begins anew from when all is known again: parts before it
/// count for too many only. Values are not looked at, nor
/// what features are present. With a window of its own choosing, a mean below 2 or above 2,000
/// makes it choose anew and warm up again.
///
/// Score:    -ln of a probability, [0, 1e9]. 0 where time has never moved.
/// Warm-up:  `warmup_points` events, and 16 parts of a window.
/// Memory:   72 bytes, whatever the features.  Time: O(1) a call.
///           Measured: 31 ns to score and learn an event (detectors/README.md).
/// Blind to: values, and densities that vary as much as a daily cycle does.
///
/// Source: D. Peirce, D. Schafer, "Residuals in generalized linear models", Journal of the American
/// Statistical Association 81 (1986), for the deviance residual as a normal variable.
extern const DetectorKind kEventDensity;

}  // namespace tocsin
