#include "pipeline/scoring/forecasts.h"

#include "detectors/block.h"

namespace tocsin {

Forecasts::Forecasts(const Calendar& calendar, std::size_t dimensions)
    : calendar_(calendar), predictions_(dimensions), forecasts_(dimensions) {}

std::span<const Forecast> Forecasts::predict(ConstState state, const Point& point) {
  const auto blocks = part<Forecaster::Block>(state, 0, predictions_.size());
  moment_ = calendar_.at(point.time_ms);
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    forecasts_[i] = {};
    if (!point.has(static_cast<int>(i))) continue;
    Prediction& made = predictions_[i];
    made = forecaster_.predict(blocks[i], moment_);
    if (!made.is_known) continue;
    forecasts_[i] = {.expected = made.expected,
                     .scale = made.scale,
                     .lower = made.quantiles.front(),
                     .upper = made.quantiles.back()};
  }
  return forecasts_;
}

void Forecasts::learn(State state, const Point& point, double weight) {
  const auto blocks = part<Forecaster::Block>(state, 0, predictions_.size());
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    if (!point.has(static_cast<int>(i))) continue;
    forecaster_.learn(blocks[i], moment_, predictions_[i], point.values[i], weight);
  }
}

}  // namespace tocsin
