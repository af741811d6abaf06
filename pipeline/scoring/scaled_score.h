// What one detector says of a point, with its features made commensurate.

#pragma once

#include <optional>
#include <span>

#include "detectors/detector.h"
#include "pipeline/scoring/feature_scale.h"
#include "pipeline/scoring/stream_plan.h"

namespace tocsin {

struct ScaledScore {
  double score = 0;  ///< On the detector's own scale.
  /// Of the feature that stands out; where the detector has but one, or judges whole points, the
  /// score itself.
  Standing standing;
};

/// One detector's view of the event at hand.
struct DetectorView {
  const DetectorPlan& plan;
  ConstState block;
  const Point& point;
  State shared;  ///< The partition's shared block.
};

/// Empty while the detector warms up. What the features scored is remembered where it `learns`.
std::optional<ScaledScore> scaled_score(const DetectorView& view, bool learns);

/// Writes for each feature its share of the strangeness, by how far it stands out; they sum to 1.
void explain_scaled(const DetectorView& view, std::span<double> shares);

}  // namespace tocsin
