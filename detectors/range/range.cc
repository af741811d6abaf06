#include "detectors/range/range.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <span>

#include "detectors/elementary.h"
#include "detectors/feature_by_feature.h"

namespace tocsin {
namespace {

constexpr std::array<Parameter, 3> kParameters{{
    {.name = "margin",
     .fallback = 0.05,
     .min = 0,
     .max = 10,
     .help = "Higher needs a longer way out of the range: fewer alarms, later ones."},
    {.name = "warmup_points",
     .fallback = 100,
     .min = 1,
     .max = 1'000'000,
     .integer = true,
     .help = "Higher waits longer before the first score: fewer early false alarms."},
    {.name = "half_life_points",
     .fallback = 20'000,
     .min = 16,
     .max = 100'000'000,
     .integer = true,
     .help = "Higher keeps old extremes longer: fewer alarms, slower to see a range that shrank."},
}};

/// Of the magnitude: stands for the width of what was always the same.
constexpr double kPriorWidth = 0.1;
/// Of the magnitude: the rounding of a computed feature is not a width.
constexpr double kRounding = 1e-13;
/// A margin grows by at most this factor.
constexpr float kLargestGrowth = 64;

/// What is known of one feature.
struct Feature {
  double low;
  double high;
  float points;  // weight seen
  float growth;  // of the margin: it is multiplied by 1 + growth
};
static_assert(sizeof(Feature) == 24);

/// The width of the range, > 0, as seen by a value.
double width(const Feature& feature, double value) {
  const double magnitude =
      std::max({std::fabs(feature.low), std::fabs(feature.high), std::fabs(value)});
  const double known = feature.high - feature.low;
  const double least = (known > 0 ? kRounding : kPriorWidth) * magnitude;
  return std::max(known, least + std::numeric_limits<double>::min());
}

/// How far out of the range a value is, in widths; 0 inside.
double excess(const Feature& feature, double value) {
  const double outside = std::max(feature.low - value, value - feature.high);
  return outside > 0 ? std::min(outside / width(feature, value), kLargestValue) : 0;
}

class Range {
 public:
  using Feature = tocsin::Feature;

  explicit Range(const Settings& settings)
      : margin_(settings["margin"]),
        warmup_points_(static_cast<float>(settings["warmup_points"])),
        decay_(forgetting(settings["half_life_points"])),
        calming_(forgetting(settings["half_life_points"] / 16)) {}

  bool is_warm(const Feature& feature) const { return feature.points >= warmup_points_; }

  double score(const Feature& feature, double value) const {
    const double beyond = excess(feature, value);
    return beyond > margin(feature) ? beyond : 0;
  }

  Expectation expectation(const Feature& feature) const {
    const double slack = margin(feature) * width(feature, feature.high);
    return {.expected = feature.low + (feature.high - feature.low) / 2,
            .lower = feature.low - slack,
            .upper = feature.high + slack};
  }

  void learn(Feature& feature, double value, double weight) const {
    const auto points = static_cast<float>(weight);
    const auto share = static_cast<double>(points);
    if (feature.points == 0) feature.low = feature.high = value;
    if (is_warm(feature)) {
      const bool breach = excess(feature, value) > margin(feature);
      feature.growth -= static_cast<float>(calming_) * feature.growth;
      if (breach) {
        feature.growth = std::min(feature.growth + points * (feature.growth + 1), kLargestGrowth);
      }
    }
    feature.points += points;
    feature.low += (value < feature.low ? share : share * decay_) * (value - feature.low);
    feature.high += (value > feature.high ? share : share * decay_) * (value - feature.high);
    // Rounding must not turn the range inside out.
    feature.high = std::max(feature.low, feature.high);
  }

 private:
  /// The margin now, in widths.
  double margin(const Feature& feature) const {
    return margin_ * (1 + static_cast<double>(feature.growth));
  }

  double margin_;        // in widths
  float warmup_points_;  // weight
  double decay_;         // share of the way that an end moves to a point inside
  double calming_;       // share of the margin's growth that goes with each point
};

}  // namespace

constinit const DetectorKind kRange{
    .name = "range",
    .summary = "Distance beyond the range seen so far, in widths of that range.",
    .blind_to = "anything within the range, such as an odd shape, a flat line or a wrong level",
    .parameters = kParameters,
    .scopes = kAllScopes,
    .kind_above = "range",
    .kind_below = "range",
    .version = 1,
    .make = make_by_feature<Range>,
    .scores_breaches = true,
    .learns_everything = true,
    .feature_by_feature = true,
};

}  // namespace tocsin
