#include "detectors/range/range.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <span>

#include "detectors/block.h"
#include "detectors/elementary.h"

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
constexpr std::array<Scope, 3> kScopes{Scope::entity, Scope::group, Scope::stream};

/// Of the magnitude: stands for the width of what was always the same.
constexpr double kPriorWidth = 0.1;
/// Of the magnitude: the rounding of a computed feature is not a width.
constexpr double kRounding = 1e-13;
/// Arithmetic on values up to this cannot overflow. Beyond, they count as this.
constexpr double kLargest = 1e300;
/// A margin grows by at most this factor.
constexpr float kLargestGrowth = 64;
constexpr double kLog2 = 0.6931471805599453;

/// What is known of one feature.
struct Feature {
  double low;
  double high;
  float points;  // weight seen
  float growth;  // of the margin: it is multiplied by 1 + growth
};
static_assert(sizeof(Feature) == 24);

double clamp_value(double value) { return std::clamp(value, -kLargest, kLargest); }

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
  return outside > 0 ? std::min(outside / width(feature, value), kLargest) : 0;
}

class Range final : public Detector {
 public:
  Range(const Settings& settings, int dimensions)
      : Detector(dimensions),
        margin_(settings["margin"]),
        warmup_points_(static_cast<float>(settings["warmup_points"])),
        decay_(-natural_expm1(-kLog2 / settings["half_life_points"])),
        calming_(-natural_expm1(-kLog2 * 16 / settings["half_life_points"])) {}

  std::size_t state_bytes() const override {
    return static_cast<std::size_t>(dimensions()) * sizeof(Feature);
  }

  void start(State state) const override { std::fill(state.begin(), state.end(), std::byte{0}); }

  std::optional<Expectation> expectation(ConstState state, int dimension) const override {
    const Feature& feature = features(state)[static_cast<std::size_t>(dimension)];
    if (!is_warm(feature)) return std::nullopt;
    const double slack = margin(feature) * width(feature, feature.high);
    return Expectation{.expected = feature.low + (feature.high - feature.low) / 2,
                       .lower = feature.low - slack,
                       .upper = feature.high + slack};
  }

 private:
  std::optional<double> score_admitted(ConstState state, const Point& point) const override {
    const std::span<const Feature> all = features(state);
    std::optional<double> largest;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (!point.has(static_cast<int>(i)) || !is_warm(all[i])) continue;
      largest = std::max(largest.value_or(0), strangeness(all[i], point.values[i]));
    }
    return largest;
  }

  void learn_admitted(State state, const Point& point, double weight) const override {
    const auto points = static_cast<float>(weight);
    if (!(points > 0)) return;
    const auto count = static_cast<std::size_t>(dimensions());
    const std::span<Feature> all = part<Feature>(state, 0, count);
    for (std::size_t i = 0; i < count; ++i) {
      if (!point.has(static_cast<int>(i))) continue;
      learn_value(all[i], clamp_value(point.values[i]), points);
    }
  }

  void weigh(ConstState state, const Point& point, std::span<double> shares) const override {
    const std::span<const Feature> all = features(state);
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (point.has(static_cast<int>(i)) && is_warm(all[i])) {
        shares[i] = strangeness(all[i], point.values[i]);
      }
    }
  }

  std::span<const Feature> features(ConstState state) const {
    return part<Feature>(state, 0, static_cast<std::size_t>(dimensions()));
  }

  bool is_warm(const Feature& feature) const { return feature.points >= warmup_points_; }

  /// The margin now, in widths.
  double margin(const Feature& feature) const {
    return margin_ * (1 + static_cast<double>(feature.growth));
  }

  double strangeness(const Feature& feature, double value) const {
    const double beyond = excess(feature, clamp_value(value));
    return beyond > margin(feature) ? beyond : 0;
  }

  void learn_value(Feature& feature, double value, float points) const {
    const auto weight = static_cast<double>(points);
    if (feature.points == 0) feature.low = feature.high = value;
    if (is_warm(feature)) {
      const bool breach = excess(feature, value) > margin(feature);
      feature.growth -= static_cast<float>(calming_) * feature.growth;
      if (breach) {
        feature.growth = std::min(feature.growth + points * (feature.growth + 1), kLargestGrowth);
      }
    }
    feature.points += points;
    feature.low += (value < feature.low ? weight : weight * decay_) * (value - feature.low);
    feature.high += (value > feature.high ? weight : weight * decay_) * (value - feature.high);
    // Rounding must not turn the range inside out.
    feature.high = std::max(feature.low, feature.high);
  }

  double margin_;        // in widths
  float warmup_points_;  // weight
  double decay_;         // share of the way that an end moves to a point inside
  double calming_;       // share of the margin's growth that goes with each point
};

Result<std::unique_ptr<Detector>> make(const Settings& settings, int dimensions,
                                       std::uint64_t /*seed*/) {
  return std::unique_ptr<Detector>(std::make_unique<Range>(settings, dimensions));
}

}  // namespace

constinit const DetectorKind kRange{
    .name = "range",
    .summary = "Distance beyond the range seen so far, in widths of that range.",
    .blind_to = "anything within the range, such as an odd shape, a flat line or a wrong level",
    .parameters = kParameters,
    .scopes = kScopes,
    .kind_above = "range",
    .kind_below = "range",
    .version = 1,
    .make = make,
    .scores_breaches = true,
    .learns_everything = true,
};

}  // namespace tocsin
