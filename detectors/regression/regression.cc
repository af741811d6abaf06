#include "detectors/regression/regression.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <optional>
#include <span>

#include "detectors/baseline.h"
#include "detectors/block.h"
#include "detectors/direction.h"
#include "detectors/elementary.h"
#include "detectors/recursive_least_squares.h"
#include "detectors/residual_scale.h"

namespace tocsin {
namespace {

constexpr std::array<Parameter, 3> kParameters{{
    {.name = "half_life_points",
     .fallback = 1000,
     .min = 64,
     .max = 1'000'000,
     .integer = true,
     .help = "Higher forgets more slowly: steadier scores, slower adaptation."},
    {.name = "warmup_points",
     .fallback = 100,
     .min = 16,
     .max = 1'000'000,
     .integer = true,
     .help = "Higher waits longer before the first score: fewer early false alarms."},
    direction_parameter("Which side of the prediction is strange."),
}};

constexpr std::size_t kOthers = 8;
/// Values that predict count within this many deviations.
constexpr double kMostDeviations = 6;
constexpr double kFarthest = 1e15;

/// What is known of one feature.
struct Feature {
  Baseline baseline;
  RecursiveLeastSquares<kOthers + 1> regression;  // on a constant and the others
  ResidualScale scale;                            // in deviations of the baseline
};
static_assert(sizeof(Feature) == 488);

/// Standardised values of a point; 0 where one is absent, or its feature unknown.
using Standardised = std::array<double, kMaxDimensions>;

class Regression final : public Detector {
 public:
  Regression(const Settings& settings, int dimensions)
      : Detector(dimensions),
        rule_(settings["half_life_points"]),
        forgetting_(forgetting(settings["half_life_points"])),
        warmup_points_(static_cast<float>(settings["warmup_points"])),
        direction_(static_cast<Direction>(settings["direction"])) {}

  std::size_t state_bytes() const override {
    return static_cast<std::size_t>(dimensions()) * sizeof(Feature);
  }

  void start(State state) const override { std::fill(state.begin(), state.end(), std::byte{0}); }

 private:
  std::optional<double> score_admitted(ConstState state, const Point& point) const override {
    const std::span<const Feature> all = features(state);
    const Standardised values = standardise(all, point);
    std::optional<double> largest;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (!is_scored(all[i], point, i)) continue;
      largest = std::max(largest.value_or(0), strangeness(all[i], values, i));
    }
    return largest;
  }

  std::uint64_t score_each_admitted(ConstState state, const Point& point,
                                    std::span<double> scores) const override {
    const std::span<const Feature> all = features(state);
    const Standardised values = standardise(all, point);
    std::uint64_t scored = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (!is_scored(all[i], point, i)) continue;
      scores[i] = strangeness(all[i], values, i);
      scored |= std::uint64_t{1} << i;
    }
    return scored;
  }

  void weigh(ConstState state, const Point& point, std::span<double> shares) const override {
    const std::span<const Feature> all = features(state);
    const Standardised values = standardise(all, point);
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (is_scored(all[i], point, i)) shares[i] = strangeness(all[i], values, i);
    }
  }

  void learn_admitted(State state, const Point& point, double weight) const override {
    if (!(weight >= kLeastWeight)) return;
    const auto count = static_cast<std::size_t>(dimensions());
    const std::span<Feature> all = part<Feature>(state, 0, count);
    const Standardised values = standardise(all, point);
    for (std::size_t i = 0; i < count; ++i) {
      if (!point.has(static_cast<int>(i))) continue;
      Feature& feature = all[i];
      if (feature.baseline.points >= 3) learn_relation(feature, values, i, weight);
      rule_.learn(feature.baseline, clamp_value(point.values[i]), static_cast<float>(weight));
    }
  }

  void learn_relation(Feature& feature, const Standardised& values, std::size_t i,
                      double weight) const {
    const double error =
        std::clamp(residual(feature, values, i), -kMostDeviations, kMostDeviations);
    const double trust = weight * feature.scale.trust(error);
    std::array<double, kOthers + 1> room{};
    feature.regression.learn(regressors(values, i, room), error, trust, 1 - forgetting_ * trust);
    feature.scale.learn(error, weight, forgetting_);
  }

  std::span<const Feature> features(ConstState state) const {
    return part<Feature>(state, 0, static_cast<std::size_t>(dimensions()));
  }

  bool is_scored(const Feature& feature, const Point& point, std::size_t i) const {
    return point.has(static_cast<int>(i)) && feature.scale.points >= warmup_points_;
  }

  static Standardised standardise(std::span<const Feature> all, const Point& point) {
    Standardised values{};
    for (std::size_t i = 0; i < all.size(); ++i) {
      const Baseline& baseline = all[i].baseline;
      if (!point.has(static_cast<int>(i)) || baseline.points < 3) continue;
      const double off = clamp_value(point.values[i]) - baseline.level;
      values[i] = std::clamp(off / deviation(baseline, baseline.level), -kFarthest, kFarthest);
    }
    return values;
  }

  /// A constant, and the values that predict that of feature `i`; kept in `room`.
  std::span<const double> regressors(const Standardised& values, std::size_t i,
                                     std::array<double, kOthers + 1>& room) const {
    const auto count = static_cast<std::size_t>(dimensions());
    const std::size_t others = std::min(count - 1, kOthers);
    room[0] = 1;
    for (std::size_t j = 1; j <= others; ++j) {
      room[j] = std::clamp(values[(i + j) % count], -kMostDeviations, kMostDeviations);
    }
    return std::span<const double>(room).first(others + 1);
  }

  /// How far feature `i` lies from its prediction, in deviations of its baseline.
  double residual(const Feature& feature, const Standardised& values, std::size_t i) const {
    std::array<double, kOthers + 1> room{};
    return values[i] - feature.regression.predict(regressors(values, i, room));
  }

  double strangeness(const Feature& feature, const Standardised& values, std::size_t i) const {
    return counted(direction_, residual(feature, values, i)) / feature.scale.deviation();
  }

  BaselineRule rule_;
  double forgetting_;  // share of the newest point
  float warmup_points_;
  Direction direction_;
};

Result<std::unique_ptr<Detector>> make(const Settings& settings, int dimensions,
                                       std::uint64_t /*seed*/) {
  return std::unique_ptr<Detector>(std::make_unique<Regression>(settings, dimensions));
}

}  // namespace

constinit const DetectorKind kRegression{
    .name = "regression",
    .summary = "Distance of a feature from what the other features predict, in usual residuals.",
    .blind_to = "relations that are not linear, or with more than the next eight features",
    .parameters = kParameters,
    .scopes = kAllScopes,
    .kind_above = "relation",
    .kind_below = "relation",
    .version = 1,
    .make = make,
    .features_min = 2,
    .feature_by_feature = true,
};

}  // namespace tocsin
