// What is expected of an entity's features.

#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "detectors/detector.h"
#include "detectors/forecast/forecaster.h"
#include "detectors/forecast/time_zone.h"

namespace tocsin {

/// The forecasters of a partition's entities: `predict` and then `learn` for each event, in order.
/// A feature that is missing is not forecast, and learns nothing.
///
/// State: a `Forecaster::Block` a feature, zero at first.
/// Threads: one.
class Forecasts {
 public:
  static constexpr std::size_t state_bytes(std::size_t dimensions) {
    return dimensions * sizeof(Forecaster::Block);
  }

  /// `calendar` outlives this.
  Forecasts(const Calendar& calendar, std::size_t dimensions);

  /// The forecasts of this event's features: [dimensions], until the next event.
  std::span<const Forecast> predict(ConstState state, const Point& point);
  /// The point just predicted.
  void learn(State state, const Point& point, double weight);

 private:
  const Calendar& calendar_;
  Forecaster forecaster_;
  Moment moment_;
  std::vector<Prediction> predictions_;  // [dimensions] of the event at hand
  std::vector<Forecast> forecasts_;      // [dimensions]
};

}  // namespace tocsin
