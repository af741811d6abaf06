#include "detectors/z_score/z_score.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>

#include "detectors/direction.h"
#include "detectors/elementary.h"
#include "detectors/feature_by_feature.h"

namespace tocsin {
namespace {

constexpr std::array<Parameter, 3> kParameters{{
    {.name = "half_life_points",
     .fallback = 500,
     .min = 2,
     .max = 1'000'000,
     .integer = true,
     .help = "Higher forgets more slowly: steadier scores, slower adaptation."},
    {.name = "warmup_points",
     .fallback = 30,
     .min = 3,
     .max = 1'000'000,
     .integer = true,
     .help = "Higher waits longer before the first score: fewer early false alarms."},
    direction_parameter("Which side of the mean is strange."),
}};

/// Of the magnitude: stands for the deviation of what was always the same.
constexpr double kPriorDeviation = 0.05;
/// Of the magnitude: the rounding of a computed feature is not a deviation.
constexpr double kRounding = 1e-13;
constexpr double kClip = 10;  // deviations: nothing further off moves the estimates more
constexpr double kUsual = 3;  // deviations

/// What is known of one feature. While `points` is below 3, `mean` and `deviation` are the points.
struct Feature {
  double mean;
  double deviation;
  double points;  // weight
};
static_assert(sizeof(Feature) == 24);

/// One standard deviation as seen by a value, > 0.
double deviation_for(const Feature& feature, double value) {
  const double magnitude = std::max(std::fabs(feature.mean), std::fabs(value));
  const double least = (feature.deviation > 0 ? kRounding : kPriorDeviation) * magnitude;
  return std::max(feature.deviation, least + std::numeric_limits<double>::min());
}

/// Keeps the first three points, then begins from them; one that lies ten times further from the
/// median than the other is an outlier, and cut to that.
void begin(Feature& feature, double value) {
  std::array<double, 3> seen{feature.mean, feature.deviation, value};
  feature.points += 1;
  if (feature.points < 3) {
    (feature.points == 1 ? feature.mean : feature.deviation) = value;
    return;
  }
  std::sort(seen.begin(), seen.end());
  const double over = seen[2] - seen[1];
  const double under = seen[1] - seen[0];
  const double most =
      std::min(over, under) > 0 ? 10 * std::min(over, under) : std::max(over, under);
  // The points relative to the median are -below, 0 and above.
  const double above = std::min(over, most);
  const double below = std::min(under, most);
  const double mean = (above - below) / 3;
  const double unit = std::max(above, below);
  feature.mean = clamp_value(seen[1] + mean);
  feature.deviation = 0;
  if (unit == 0) return;
  double squares = 0;
  for (const double off : {above, 0.0, -below}) {
    squares += (off - mean) / unit * ((off - mean) / unit);
  }
  feature.deviation = unit * std::sqrt(squares / 3);
}

class ZScore {
 public:
  using Feature = tocsin::Feature;

  explicit ZScore(const Settings& settings)
      : forgetting_(forgetting(settings["half_life_points"])),
        warmup_points_(settings["warmup_points"]),
        direction_(static_cast<Direction>(settings["direction"])) {}

  bool is_warm(const Feature& feature) const { return feature.points >= warmup_points_; }

  double score(const Feature& feature, double value) const {
    return counted(direction_, value - feature.mean) / deviation_for(feature, value);
  }

  static Expectation expectation(const Feature& feature) {
    const double slack = kUsual * deviation_for(feature, feature.mean);
    return {.expected = feature.mean, .lower = feature.mean - slack, .upper = feature.mean + slack};
  }

  void learn(Feature& feature, double value, double weight) const {
    if (feature.points < 3) return begin(feature, value);
    feature.points += weight;
    const double share = std::min(1.0, weight * std::max(1 / feature.points, forgetting_));
    const double limit = kClip * deviation_for(feature, value);
    const double off = std::clamp(value - feature.mean, -limit, limit);
    feature.mean += share * off;
    // Of the larger of both, so that squares cannot overflow.
    const double unit = std::max(feature.deviation, std::fabs(off));
    if (unit == 0) return;
    const double known = feature.deviation / unit;
    const double news = off / unit;
    feature.deviation = unit * std::sqrt((1 - share) * (known * known + share * news * news));
  }

 private:
  double forgetting_;  // share of the newest point, once there are many
  double warmup_points_;
  Direction direction_;
};

}  // namespace

constinit const DetectorKind kZScore{
    .name = "z_score",
    .summary = "Distance from an exponentially weighted mean, in standard deviations.",
    .blind_to = "slow drift, skewness, and features that are each normal but not together",
    .parameters = kParameters,
    .scopes = kAllScopes,
    .kind_above = "spike",
    .kind_below = "drop",
    .version = 1,
    .make = make_by_feature<ZScore>,
    .feature_by_feature = true,
};

}  // namespace tocsin
