#include "detectors/forecast/forecast.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <optional>

#include "detectors/baseline.h"
#include "detectors/direction.h"

namespace tocsin {
namespace {

constexpr std::array<Parameter, 1> kParameters{{
    direction_parameter("Which side of the forecast is strange."),
}};
constexpr std::array kScopes{Scope::entity};

/// The end of a .99 interval, in standard deviations of a normal distribution.
constexpr double kEnd = 2.5758293035489004;

class ForecastDetector final : public Detector {
 public:
  ForecastDetector(const Settings& settings, int dimensions)
      : Detector(dimensions), direction_(static_cast<Direction>(settings["direction"])) {}

  /// Nothing is remembered; but a block has a size.
  std::size_t state_bytes() const override { return 8; }
  void start(State state) const override { std::fill(state.begin(), state.end(), std::byte{0}); }

 private:
  std::optional<double> score_admitted(ConstState /*state*/, const Point& point) const override {
    std::optional<double> largest;
    for (std::size_t i = 0; i < point.values.size(); ++i) {
      if (!is_foreseen(point, i)) continue;
      largest = std::max(largest.value_or(0), distance(point, i));
    }
    return largest;
  }

  std::uint64_t score_each_admitted(ConstState /*state*/, const Point& point,
                                    std::span<double> scores) const override {
    std::uint64_t scored = 0;
    for (std::size_t i = 0; i < point.values.size(); ++i) {
      if (!is_foreseen(point, i)) continue;
      scores[i] = distance(point, i);
      scored |= std::uint64_t{1} << i;
    }
    return scored;
  }

  void learn_admitted(State /*state*/, const Point& /*point*/, double /*weight*/) const override {}

  void weigh(ConstState /*state*/, const Point& point, std::span<double> shares) const override {
    for (std::size_t i = 0; i < point.values.size(); ++i) {
      if (is_foreseen(point, i)) shares[i] = distance(point, i);
    }
  }

  static bool is_foreseen(const Point& point, std::size_t feature) {
    return point.has(static_cast<int>(feature)) && point.scale_of(feature) > 0;
  }

  double distance(const Point& point, std::size_t feature) const {
    const Forecast& made = point.forecasts[feature];
    const double off = clamp_value(point.values[feature]) - made.expected;
    // An interval may end at what is expected; a tenth of the usual scale is the least.
    const double end = off > 0 ? made.upper - made.expected : made.expected - made.lower;
    const double one = std::max(end / kEnd, made.scale / 10);
    return std::min(counted(direction_, off) / one, kLargestValue);
  }

  Direction direction_;
};

Result<std::unique_ptr<Detector>> make(const Settings& settings, int dimensions,
                                       std::uint64_t /*seed*/) {
  return std::unique_ptr<Detector>(std::make_unique<ForecastDetector>(settings, dimensions));
}

}  // namespace

constinit const DetectorKind kForecast{
    .name = "forecast",
    .summary = "Distance from the forecast, in standard deviations as they are at this time.",
    .blind_to = "what the forecast has followed: slow drift, and levels that came to stay",
    .parameters = kParameters,
    .scopes = kScopes,
    .kind_above = "spike",
    .kind_below = "drop",
    .version = 1,
    .make = make,
    .needs_forecast = true,
    .heeds_forecast = true,
    .feature_by_feature = true,
};

}  // namespace tocsin
