#include "detectors/moving_average/moving_average.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include "detectors/direction.h"
#include "detectors/feature_by_feature.h"

namespace tocsin {
namespace {

constexpr std::array<Parameter, 3> kParameters{{
    {.name = "short_points",
     .fallback = 12,
     .min = 2,
     .max = 200,
     .integer = true,
     .help = "Higher sees smaller deviations, later. Less than `long_points`."},
    {.name = "long_points",
     .fallback = 240,
     .min = 24,
     .max = 1'000'000,
     .integer = true,
     .help = "Higher compares with a longer past: slower deviations are found."},
    direction_parameter("Which deviation is strange."),
}};

constexpr double kClip = 8;  // deviations: nothing further off counts more
/// Usual distances: nothing further apart moves them more.
constexpr double kApartClip = 4;
/// Of a deviation: averages that lie apart less are together.
constexpr double kLeastApart = 0.01;
/// Standard deviations in a mean absolute deviation of a normal distribution, sqrt(pi / 2).
constexpr double kDeviations = 1.2533141373155003;
constexpr double kLog2 = 0.6931471805599453;

/// What is known of one feature.
struct Feature {
  Baseline baseline;
  double average;  // the short one
  double apart;    // mean distance of both
  double seen;     // weight learned
};
static_assert(sizeof(Feature) == 72);

double clipped(const Feature& feature, double value) {
  const double limit = kClip * deviation(feature.baseline, value);
  return std::clamp(value, feature.baseline.level - limit, feature.baseline.level + limit);
}

class MovingAverage {
 public:
  using Feature = tocsin::Feature;

  explicit MovingAverage(const Settings& settings)
      // A window of n points has a mean age of (n - 1) / 2, a half-life of h one of h / log 2.
      : rule_(settings["long_points"] / 2 * kLog2),
        share_(2 / (settings["short_points"] + 1)),
        apart_share_(1 / settings["long_points"]),
        warmup_points_(settings["long_points"]),
        direction_(static_cast<Direction>(settings["direction"])) {}

  bool is_warm(const Feature& feature) const { return feature.seen >= warmup_points_; }

  double score(const Feature& feature, double value) const {
    const double average = feature.average + share_ * (clipped(feature, value) - feature.average);
    const double least = kLeastApart * deviation(feature.baseline, value);
    const double unit = std::max(kDeviations * feature.apart, least);
    return counted(direction_, average - feature.baseline.level) / unit;
  }

  double blame(const Feature& feature, double value) const {
    return score(feature, value) * (1 + std::fabs(standardised(feature.baseline, value)));
  }

  void learn(Feature& feature, double value, double weight) const {
    if (feature.baseline.points >= 3) {
      if (feature.seen == 0) feature.average = feature.baseline.level;
      feature.seen += weight;
      feature.average += weight * share_ * (clipped(feature, value) - feature.average);
      const double apart = std::fabs(feature.average - feature.baseline.level);
      const double usual =
          std::max(feature.apart, kLeastApart * deviation(feature.baseline, value));
      const double share = std::min(1.0, weight * std::max(1 / feature.seen, apart_share_));
      feature.apart += share * (std::min(apart, kApartClip * usual) - feature.apart);
    }
    const double jump = rule_.learn(feature.baseline, value, static_cast<float>(weight));
    // An adopted level is where the values are, which were cut on their way to the average.
    if (jump != 0) feature.average = feature.baseline.level;
  }

 private:
  BaselineRule rule_;
  double share_;        // of the newest point in the short average
  double apart_share_;  // of the newest point in the usual distance
  double warmup_points_;
  Direction direction_;
};

Result<std::unique_ptr<Detector>> make(const Settings& settings, int dimensions,
                                       std::uint64_t /*seed*/) {
  if (settings["short_points"] >= settings["long_points"]) {
    return Error{"`short_points` must be less than `long_points`"};
  }
  return std::unique_ptr<Detector>(
      std::make_unique<FeatureByFeature<MovingAverage>>(MovingAverage(settings), dimensions));
}

}  // namespace

constinit const DetectorKind kMovingAverage{
    .name = "moving_average",
    .summary = "Distance of a short moving average from a long one, in usual distances.",
    .blind_to = "single values, and shifts that are usual at some time of the day",
    .parameters = kParameters,
    .scopes = kAllScopes,
    .kind_above = "level_shift",
    .kind_below = "level_shift",
    .version = 1,
    .make = make,
    .feature_by_feature = true,
};

}  // namespace tocsin
