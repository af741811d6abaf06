#include "detectors/spike/spike.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <span>

#include "detectors/baseline.h"
#include "detectors/block.h"
#include "detectors/direction.h"

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
     .fallback = 20,
     .min = 3,
     .max = 1'000'000,
     .integer = true,
     .help = "Higher waits longer before the first score: fewer early false alarms."},
    direction_parameter("Which side of the level is strange."),
}};

class Spike final : public Detector {
 public:
  Spike(const Settings& settings, int dimensions)
      : Detector(dimensions),
        rule_(settings["half_life_points"]),
        warmup_points_(static_cast<float>(settings["warmup_points"])),
        direction_(static_cast<Direction>(settings["direction"])) {}

  std::size_t state_bytes() const override {
    return sizeof(std::uint64_t) + static_cast<std::size_t>(dimensions()) * sizeof(Baseline);
  }

  void start(State state) const override { std::fill(state.begin(), state.end(), std::byte{0}); }

  std::optional<Expectation> expectation(ConstState state, int dimension) const override {
    if ((warm(state) >> dimension & 1U) == 0) return std::nullopt;
    const Baseline& feature = features(state)[static_cast<std::size_t>(dimension)];
    const double magnitude = std::fabs(feature.level);
    return Expectation{
        .expected = feature.level,
        .lower = feature.level - kBaselineClip * deviation(feature, below, magnitude),
        .upper = feature.level + kBaselineClip * deviation(feature, above, magnitude)};
  }

 private:
  std::optional<double> score_admitted(ConstState state, const Point& point) const override {
    const std::uint64_t scored = warm(state) & point.present;
    if (scored == 0) return std::nullopt;
    const std::span<const Baseline> all = features(state);
    double largest = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if ((scored >> i & 1U) == 0) continue;
      largest = std::max(largest, strangeness(all[i], point.values[i]));
    }
    return largest;
  }

  std::uint64_t score_each_admitted(ConstState state, const Point& point,
                                    std::span<double> scores) const override {
    const std::uint64_t scored = warm(state) & point.present;
    const std::span<const Baseline> all = features(state);
    for (std::size_t i = 0; i < all.size(); ++i) {
      if ((scored >> i & 1U) != 0) scores[i] = strangeness(all[i], point.values[i]);
    }
    return scored;
  }

  void learn_admitted(State state, const Point& point, double weight) const override {
    if (!(weight >= kLeastWeight)) return;
    const auto points = static_cast<float>(weight);
    std::uint64_t& warm = part<std::uint64_t>(state, 0, 1)[0];
    const std::span<Baseline> all =
        part<Baseline>(state, sizeof(std::uint64_t), static_cast<std::size_t>(dimensions()));
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (!point.has(static_cast<int>(i))) continue;
      Baseline& feature = all[i];
      rule_.learn(feature, clamp_value(point.values[i]), points);
      warm |= std::uint64_t{feature.points >= warmup_points_} << i;
    }
  }

  void weigh(ConstState state, const Point& point, std::span<double> shares) const override {
    const std::uint64_t scored = warm(state) & point.present;
    const std::span<const Baseline> all = features(state);
    for (std::size_t i = 0; i < all.size(); ++i) {
      if ((scored >> i & 1U) != 0) shares[i] = strangeness(all[i], point.values[i]);
    }
  }

  /// A bit for each feature past its warm-up; it stays when a level is adopted.
  static std::uint64_t warm(ConstState state) { return part<std::uint64_t>(state, 0, 1)[0]; }

  std::span<const Baseline> features(ConstState state) const {
    return part<Baseline>(state, sizeof(std::uint64_t), static_cast<std::size_t>(dimensions()));
  }

  double strangeness(const Baseline& feature, double value) const {
    const Offset offset = measure(feature, clamp_value(value));
    const double signed_distance = std::copysign(offset.distance, offset.difference);
    return std::min(counted(direction_, signed_distance) / offset.deviation, kLargestValue);
  }

  BaselineRule rule_;
  float warmup_points_;  // weight
  Direction direction_;
};

Result<std::unique_ptr<Detector>> make(const Settings& settings, int dimensions,
                                       std::uint64_t /*seed*/) {
  return std::unique_ptr<Detector>(std::make_unique<Spike>(settings, dimensions));
}

}  // namespace

constinit const DetectorKind kSpike{
    .name = "spike",
    .summary = "Distance from a robust level, in robust standard deviations of that side.",
    .blind_to = "slow drift, and features that are each normal but not together",
    .parameters = kParameters,
    .scopes = kAllScopes,
    .kind_above = "spike",
    .kind_below = "drop",
    .version = 2,
    .make = make,
    .feature_by_feature = true,
};

}  // namespace tocsin
