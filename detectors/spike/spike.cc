#include "detectors/spike/spike.h"

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

constexpr std::array<std::string_view, 3> kDirections{"both", "up", "down"};
enum class Direction { both, up, down };

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
    {.name = "direction",
     .fallback = 0,
     .min = 0,
     .max = 2,
     .integer = true,
     .choices = kDirections,
     .help = "Which side of the level is strange."},
}};
constexpr std::array<Scope, 3> kScopes{Scope::entity, Scope::group, Scope::stream};

/// Standard deviations in a mean absolute deviation of a normal distribution, sqrt(pi / 2).
constexpr double kDeviations = 1.2533141373155003;
/// In standard deviations: nothing further off moves the estimates more.
constexpr double kClip = 3;
/// Of the magnitude: stands for the spread of what was always the same.
constexpr double kPriorSpread = 0.05;
/// Of the magnitude: the rounding of a computed feature is not a spread.
constexpr double kRounding = 1e-13;
/// Arithmetic on values up to this cannot overflow. Beyond, they count as this.
constexpr double kLargest = 1e300;
/// What a level that was adopted counts as, in points: it still moves fast.
constexpr float kAdoptedPoints = 8;

/// A weight below this is 0.
constexpr float kLeastWeight = 1e-6F;
constexpr double kLog2 = 0.6931471805599453;

enum Side : std::size_t { above, below };

/// What is known of one feature. While `points` is below 3, `level` and `spread` are the points.
struct Feature {
  double level;
  std::array<double, 2> spread;        // [side] mean distance from the level
  double recent;                       // mean of the points that were clipped in a row
  std::array<float, 2> spread_points;  // [side] weight behind the spread
  float points;                        // weight behind the level
  float streak;                        // weight of the points clipped in a row; < 0: below
};
static_assert(sizeof(Feature) == 48);

/// One standard deviation on one side of the level; > 0. `magnitude` is of level and value.
double deviation(const Feature& feature, Side side, double magnitude) {
  const double known = feature.spread[side];
  const double other = feature.spread[1 - side];
  // One point's weight goes to what is known otherwise: the other side, or the magnitude.
  const double prior = other > 0 ? other : kPriorSpread * magnitude;
  const auto points = static_cast<double>(feature.spread_points[side]);
  const double blended = (known * points + prior) / (points + 1);
  const double floor = kRounding * magnitude + std::numeric_limits<double>::min();
  return std::max(kDeviations * blended, floor);
}

/// How a value lies to the level.
struct Offset {
  double difference;  // from the level
  double distance;    // >= 0
  double deviation;   // > 0: one standard deviation on this side
  Side side;
};

Offset measure(const Feature& feature, double value) {
  const double difference = value - feature.level;
  const Side side = difference < 0 ? below : above;
  const double magnitude = std::max(std::fabs(feature.level), std::fabs(value));
  return {difference, std::fabs(difference), deviation(feature, side, magnitude), side};
}

double clamp_value(double value) { return std::clamp(value, -kLargest, kLargest); }

/// Keeps the first three points, then begins from their median with its distances to the others
/// as spreads; one that is ten times the other is an outlier's, and cut to that.
void begin(Feature& feature, double value) {
  std::array<double, 3> seen{feature.level, feature.spread[above], feature.spread[below]};
  seen[static_cast<std::size_t>(feature.points)] = value;
  feature.points += 1;
  if (feature.points == 3) {
    std::sort(seen.begin(), seen.end());
    const double over = seen[2] - seen[1];
    const double under = seen[1] - seen[0];
    const double least = std::min(over, under);
    const double most = least > 0 ? 10 * least : std::max(over, under);
    seen = {seen[1], std::min(over, most), std::min(under, most)};
    feature.spread_points = {over > 0 ? 1.0F : 0.0F, under > 0 ? 1.0F : 0.0F};
  }
  feature.level = seen[0];
  feature.spread = {seen[1], seen[2]};
}

class Spike final : public Detector {
 public:
  Spike(const Settings& settings, int dimensions)
      : Detector(dimensions),
        forgetting_(-natural_expm1(-kLog2 / settings["half_life_points"])),
        memory_points_(static_cast<float>(1 / forgetting_)),
        warmup_points_(static_cast<float>(settings["warmup_points"])),
        adoption_points_(static_cast<float>(std::max(8.0, settings["half_life_points"] / 4))),
        direction_(static_cast<Direction>(settings["direction"])) {}

  std::size_t state_bytes() const override {
    return sizeof(std::uint64_t) + static_cast<std::size_t>(dimensions()) * sizeof(Feature);
  }

  void start(State state) const override { std::fill(state.begin(), state.end(), std::byte{0}); }

  std::optional<Expectation> expectation(ConstState state, int dimension) const override {
    if ((warm(state) >> dimension & 1U) == 0) return std::nullopt;
    const Feature& feature = features(state)[static_cast<std::size_t>(dimension)];
    const double magnitude = std::fabs(feature.level);
    return Expectation{.expected = feature.level,
                       .lower = feature.level - kClip * deviation(feature, below, magnitude),
                       .upper = feature.level + kClip * deviation(feature, above, magnitude)};
  }

 private:
  std::optional<double> score_admitted(ConstState state, const Point& point) const override {
    const std::uint64_t scored = warm(state) & point.present;
    if (scored == 0) return std::nullopt;
    const std::span<const Feature> all = features(state);
    double largest = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if ((scored >> i & 1U) == 0) continue;
      largest = std::max(largest, strangeness(all[i], point.values[i]));
    }
    return largest;
  }

  void learn_admitted(State state, const Point& point, double weight) const override {
    const auto points = static_cast<float>(weight);
    if (!(points >= kLeastWeight)) return;
    std::uint64_t& warm = part<std::uint64_t>(state, 0, 1)[0];
    const std::span<Feature> all =
        part<Feature>(state, sizeof(std::uint64_t), static_cast<std::size_t>(dimensions()));
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (!point.has(static_cast<int>(i))) continue;
      Feature& feature = all[i];
      learn_value(feature, clamp_value(point.values[i]), points);
      warm |= std::uint64_t{feature.points >= warmup_points_} << i;
    }
  }

  void weigh(ConstState state, const Point& point, std::span<double> shares) const override {
    const std::uint64_t scored = warm(state) & point.present;
    const std::span<const Feature> all = features(state);
    for (std::size_t i = 0; i < all.size(); ++i) {
      if ((scored >> i & 1U) != 0) shares[i] = strangeness(all[i], point.values[i]);
    }
  }

  /// A bit for each feature past its warm-up; it stays when a level is adopted.
  static std::uint64_t warm(ConstState state) { return part<std::uint64_t>(state, 0, 1)[0]; }

  std::span<const Feature> features(ConstState state) const {
    return part<Feature>(state, sizeof(std::uint64_t), static_cast<std::size_t>(dimensions()));
  }

  double strangeness(const Feature& feature, double value) const {
    const Offset offset = measure(feature, clamp_value(value));
    const bool counts =
        direction_ == Direction::both || (offset.side == above) == (direction_ == Direction::up);
    return counts ? std::min(offset.distance / offset.deviation, kLargest) : 0;
  }

  void learn_value(Feature& feature, double value, float points) const {
    if (feature.points < 3) return begin(feature, value);
    const auto [difference, distance, deviation, side] = measure(feature, value);
    const double limit = kClip * deviation;
    const double clipped = std::min(distance, limit);
    const auto weight = static_cast<double>(points);
    feature.points += points;
    const double share = weight * std::max(1 / static_cast<double>(feature.points), forgetting_);
    feature.level += share * std::copysign(clipped, difference);
    if (distance > 0) {
      float& behind = feature.spread_points[side];
      behind = std::min(behind + points, memory_points_);
      feature.spread[side] +=
          weight / static_cast<double>(behind) * (clipped - feature.spread[side]);
    }
    if (distance > limit) {
      continue_streak(feature, value, side == above ? points : -points);
    } else {
      feature.streak /= 2;
    }
  }

  /// Counts a clipped point, and adopts the level of the streak when it is long enough.
  /// `points` is negative below the level.
  void continue_streak(Feature& feature, double value, float points) const {
    if (feature.streak == 0 || (feature.streak < 0) != (points < 0)) {
      feature.streak = 0;
      feature.recent = value;
    }
    feature.streak += points;
    feature.recent += static_cast<double>(points / feature.streak) * (value - feature.recent);
    if (std::fabs(feature.streak) < adoption_points_) return;
    feature.level = feature.recent;
    feature.points = std::min(feature.points, kAdoptedPoints);
    for (float& behind : feature.spread_points) behind = std::min(behind, kAdoptedPoints / 2);
    feature.streak = 0;
  }

  double forgetting_;      // share of the newest point, once there are many
  float memory_points_;    // the most weight behind a spread
  float warmup_points_;    // weight
  float adoption_points_;  // weight of a streak that is a new level
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
    .scopes = kScopes,
    .kind_above = "spike",
    .kind_below = "drop",
    .version = 1,
    .make = make,
};

}  // namespace tocsin
