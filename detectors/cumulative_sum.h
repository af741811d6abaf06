// Evidence for a lasting shift of the level: cumulative sums, as `cusum` and `page_hinkley` use
// them.

#pragma once

#include <array>

#include "detectors/baseline.h"
#include "detectors/direction.h"

namespace tocsin {

/// A test of one feature (see FeatureTest) by two cumulative sums, of what values lie above the
/// level by more than a drift, and below it. A sum never falls below 0, so it is the evidence for a
/// shift since it was last 0.
///
/// Distances are standardised by a `Baseline` and count three deviations at most, so that no single
/// value raises an alarm. Once a sum exceeds the threshold both begin anew, and the level is where
/// the values since the last 0 have been, with as much weight: the next sum tells of another shift.
/// Below weight 1 a point adds less to the sums.
class CumulativeSum {
 public:
  struct Feature {
    Baseline baseline;
    std::array<float, 2> sums;    // [side] deviations beyond the drift
    std::array<float, 2> points;  // [side] weight since the sum was last 0
    double seen;                  // weight learned, ever: an adopted level is young, not unknown
  };
  static_assert(sizeof(Feature) == 72);

  struct Rule {
    double drift;      // deviations
    double threshold;  // deviations
    double half_life_points;
    double warmup_points;
    Direction direction;
  };

  explicit CumulativeSum(const Rule& rule);

  bool is_warm(const Feature& feature) const { return feature.seen >= rule_.warmup_points; }
  double score(const Feature& feature, double value) const;
  double blame(const Feature& feature, double value) const;
  void learn(Feature& feature, double value, double weight) const;

 private:
  double sum_with(const Feature& feature, Side side, double off, double weight) const;
  void add(Feature& feature, Side side, double off, double weight) const;
  void recentre(Feature& feature, Side side) const;

  BaselineRule baseline_rule_;
  Rule rule_;
};

}  // namespace tocsin
