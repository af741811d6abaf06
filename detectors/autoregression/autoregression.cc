#include "detectors/autoregression/autoregression.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <optional>
#include <span>

#include "detectors/direction.h"
#include "detectors/elementary.h"
#include "detectors/feature_by_feature.h"
#include "detectors/recursive_least_squares.h"
#include "detectors/residual_scale.h"

namespace tocsin {
namespace {

constexpr std::array<Parameter, 3> kParameters{{
    {.name = "half_life_points",
     .fallback = 500,
     .min = 16,
     .max = 1'000'000,
     .integer = true,
     .help = "Higher forgets more slowly: steadier scores, slower adaptation."},
    {.name = "warmup_points",
     .fallback = 50,
     .min = 8,
     .max = 1'000'000,
     .integer = true,
     .help = "Higher waits longer before the first score: fewer early false alarms."},
    direction_parameter("Which side of the prediction is strange."),
}};

constexpr std::size_t kOrder = 3;
/// Values before count within this many deviations.
constexpr double kMostDeviations = 8;

/// What is known of one feature.
struct Feature {
  Baseline baseline;
  std::array<double, kOrder> last;  // the latest first
  RecursiveLeastSquares<kOrder + 1> regression;
  ResidualScale scale;  // in deviations of the baseline
};
static_assert(sizeof(Feature) == 192);

using Regressors = std::array<double, kOrder + 1>;

Regressors regressors(const Feature& feature, double one_deviation) {
  Regressors found{1};
  for (std::size_t i = 0; i < kOrder; ++i) {
    const double z = (feature.last[i] - feature.baseline.level) / one_deviation;
    found[i + 1] = std::clamp(z, -kMostDeviations, kMostDeviations);
  }
  return found;
}

class Autoregression {
 public:
  using Feature = tocsin::Feature;

  explicit Autoregression(const Settings& settings)
      : rule_(settings["half_life_points"]),
        forgetting_(forgetting(settings["half_life_points"])),
        warmup_points_(static_cast<float>(settings["warmup_points"])),
        direction_(static_cast<Direction>(settings["direction"])) {}

  bool is_warm(const Feature& feature) const { return feature.scale.points >= warmup_points_; }

  double score(const Feature& feature, double value) const {
    return counted(direction_, residual(feature, value)) / feature.scale.deviation();
  }

  std::optional<Expectation> expectation(const Feature& feature) const {
    const double one = deviation(feature.baseline, feature.baseline.level);
    const double predicted = feature.regression.predict(regressors(feature, one));
    const double expected = clamp_value(feature.baseline.level + predicted * one);
    const double slack = kBaselineClip * feature.scale.deviation() * one;
    return Expectation{.expected = expected, .lower = expected - slack, .upper = expected + slack};
  }

  void learn(Feature& feature, double value, double weight) const {
    if (feature.baseline.points >= 3) {
      const double one = deviation(feature.baseline, feature.baseline.level);
      const Regressors before = regressors(feature, one);
      const double error = std::clamp(residual(feature, value), -kMostDeviations, kMostDeviations);
      const double trust = weight * feature.scale.trust(error);
      feature.regression.learn(before, error, trust, 1 - forgetting_ * trust);
      feature.scale.learn(error, weight, forgetting_);
    }
    rule_.learn(feature.baseline, value, static_cast<float>(weight));
    feature.last = {value, feature.last[0], feature.last[1]};
  }

 private:
  /// How far the value lies from its prediction, in deviations of the baseline.
  static double residual(const Feature& feature, double value) {
    const double one = deviation(feature.baseline, feature.baseline.level);
    constexpr double kFarthest = 1e15;
    const double z = std::clamp((value - feature.baseline.level) / one, -kFarthest, kFarthest);
    return z - feature.regression.predict(regressors(feature, one));
  }

  BaselineRule rule_;
  double forgetting_;  // share of the newest point
  float warmup_points_;
  Direction direction_;
};

}  // namespace

constinit const DetectorKind kAutoregression{
    .name = "autoregression",
    .summary = "Distance from what the last three values predict, in usual residuals.",
    .blind_to = "slow changes, and what depends on more than three values",
    .parameters = kParameters,
    .scopes = kAllScopes,
    .kind_above = "spike",
    .kind_below = "drop",
    .version = 1,
    .make = make_by_feature<Autoregression>,
    .feature_by_feature = true,
};

}  // namespace tocsin
