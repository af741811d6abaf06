#include "detectors/iqr_fences/iqr_fences.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include "detectors/direction.h"
#include "detectors/elementary.h"
#include "detectors/feature_by_feature.h"
#include "detectors/quantile_step.h"

namespace tocsin {
namespace {

constexpr std::array<Parameter, 4> kParameters{{
    {.name = "k",
     .fallback = 3,
     .min = 0,
     .max = 100,
     .help = "In distances between the quartiles. Higher moves the fences out: fewer alarms."},
    {.name = "half_life_points",
     .fallback = 1000,
     .min = 32,
     .max = 1'000'000,
     .integer = true,
     .help = "Higher forgets more slowly: steadier scores, slower adaptation."},
    {.name = "warmup_points",
     .fallback = 50,
     .min = 8,
     .max = 1'000'000,
     .integer = true,
     .help = "Higher waits longer before the first score: fewer early false alarms."},
    direction_parameter("Beyond which fence a value is strange."),
}};

/// Deviations over density at the quartiles of a normal distribution.
constexpr double kStep = 3.1;
/// Of a deviation: quartiles that lie closer are taken to lie so far apart. 1.35 is usual.
constexpr double kLeastApart = 0.2;

/// What is known of one feature.
struct Feature {
  Baseline baseline;
  double low;   // quartile
  double high;  // quartile
  double seen;  // weight learned
};
static_assert(sizeof(Feature) == 72);

class IqrFences {
 public:
  using Feature = tocsin::Feature;

  explicit IqrFences(const Settings& settings)
      : rule_(settings["half_life_points"]),
        k_(settings["k"]),
        forgetting_(forgetting(settings["half_life_points"])),
        warmup_points_(settings["warmup_points"]),
        direction_(static_cast<Direction>(settings["direction"])) {}

  bool is_warm(const Feature& feature) const { return feature.seen >= warmup_points_; }

  double score(const Feature& feature, double value) const {
    const double beyond = blame(feature, value);
    return beyond > k_ ? beyond : 0;
  }

  /// Also within the fences.
  double blame(const Feature& feature, double value) const {
    const double above = std::max(value - feature.high, 0.0);
    const double below = std::max(feature.low - value, 0.0);
    return counted(direction_, above - below) / between(feature, value);
  }

  Expectation expectation(const Feature& feature) const {
    const double slack = k_ * between(feature, feature.baseline.level);
    return {.expected = feature.low + (feature.high - feature.low) / 2,
            .lower = feature.low - slack,
            .upper = feature.high + slack};
  }

  void learn(Feature& feature, double value, double weight) const {
    if (feature.baseline.points >= 3) {
      if (feature.seen == 0) feature.low = feature.high = feature.baseline.level;
      feature.seen += weight;
      const double share = std::min(1.0, weight * std::max(1 / feature.seen, forgetting_));
      const double step = share * kStep * deviation(feature.baseline, feature.baseline.level);
      feature.low = clamp_value(feature.low + quantile_step(value, feature.low, 0.25) * step);
      feature.high = clamp_value(feature.high + quantile_step(value, feature.high, 0.75) * step);
      if (feature.low > feature.high) std::swap(feature.low, feature.high);
    }
    const double jump = rule_.learn(feature.baseline, value, static_cast<float>(weight));
    feature.low = clamp_value(feature.low + jump);
    feature.high = clamp_value(feature.high + jump);
  }

 private:
  /// The distance between the quartiles, > 0.
  static double between(const Feature& feature, double value) {
    return std::max(feature.high - feature.low, kLeastApart * deviation(feature.baseline, value));
  }

  BaselineRule rule_;
  double k_;
  double forgetting_;  // share of the newest point, once there are many
  double warmup_points_;
  Direction direction_;
};

}  // namespace

constinit const DetectorKind kIqrFences{
    .name = "iqr_fences",
    .summary = "Distance beyond the quartiles, in distances between them, from `k` on.",
    .blind_to = "anything within the fences, and features that are each normal but not together",
    .parameters = kParameters,
    .scopes = kAllScopes,
    .kind_above = "spike",
    .kind_below = "drop",
    .version = 1,
    .make = make_by_feature<IqrFences>,
    .feature_by_feature = true,
};

}  // namespace tocsin
