#include "detectors/medoids/medoids.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>

#include "detectors/elementary.h"
#include "detectors/feature_by_feature.h"
#include "detectors/lagged_values.h"

namespace tocsin {
namespace {

constexpr std::array<Parameter, 2> kParameters{{
    {.name = "half_life_points",
     .fallback = 300,
     .min = 32,
     .max = 1'000'000,
     .integer = true,
     .help = "Higher moves level and usual distance more slowly: steadier, slower to adapt."},
    {.name = "warmup_points",
     .fallback = 200,
     .min = 64,
     .max = 1'000'000,
     .integer = true,
     .help = "Higher waits longer before the first score: fewer early false alarms."},
}};

constexpr std::size_t kLags = 16;
constexpr std::size_t kTypical = 24;
constexpr int kMostDeviations = 16;
constexpr int kSteps = 256;  // a deviation; 16 squares of 32 deviations fit 32 bits
/// Windows are learned from here on, when the level is roughly known.
constexpr std::uint32_t kFirstWindow = 24;
constexpr std::uint32_t kVisitsHalve = 1024;  // points
constexpr float kLeastDistance = 0.02F;       // deviations; below is rounding
constexpr float kClip = 4;  // usual distances: nothing further off moves them more
/// In usual distances: a window further off is a new one, while there is room, and later.
constexpr float kNewWithRoom = 0.7F;
constexpr float kNewWithout = 2;
constexpr float kDraw = 0.02F;  // share of the way that a visit draws a typical window

using Lagged = LaggedValues<kLags, kSteps, kMostDeviations>;
using Window = Lagged::Window;

/// What is known of one feature.
struct Feature {
  Baseline baseline;
  Lagged lagged;
  std::array<Window, kTypical> medoids;
  std::array<std::uint16_t, kTypical> visits;  // 0: none there yet
  float distance;                              // the usual one
  float windows;                               // weight learned
  std::uint32_t seen;
  std::uint32_t count;  // of medoids
};
static_assert(sizeof(Feature) == 912);

/// The window that ends with `value`, oldest first.
Window window_with(const Feature& feature, double value) {
  return feature.lagged.with(feature.baseline, feature.seen, value);
}

struct Nearest {
  std::size_t medoid = 0;
  float distance = 0;  // root mean square, deviations
};

/// The first of the nearest. There is one at least.
Nearest nearest(const Feature& feature, const Window& window) {
  std::int32_t least = std::numeric_limits<std::int32_t>::max();
  Nearest found;
  for (std::size_t i = 0; i < feature.count; ++i) {
    std::int32_t sum = 0;
    for (std::size_t j = 0; j < kLags; ++j) {
      // Within 16 bits, so that compilers find the instruction for it.
      const auto off = static_cast<std::int16_t>(window[j] - feature.medoids[i][j]);
      sum += off * off;
    }
    if (sum < least) {
      least = sum;
      found.medoid = i;
    }
  }
  found.distance = std::sqrt(static_cast<float>(least) / kLags) / static_cast<float>(kSteps);
  return found;
}

void visit(Feature& feature, std::size_t medoid) {
  std::uint16_t& visits = feature.visits[medoid];
  if (visits < std::numeric_limits<std::uint16_t>::max()) ++visits;
}

void draw(Window& medoid, const Window& window, float share) {
  for (std::size_t i = 0; i < kLags; ++i) {
    const auto off = static_cast<float>(window[i] - medoid[i]);
    const auto step = static_cast<std::int32_t>(std::floor(share * off + 0.5F));
    medoid[i] = static_cast<std::int16_t>(medoid[i] + step);
  }
}

class Medoids {
 public:
  using Feature = tocsin::Feature;

  explicit Medoids(const Settings& settings)
      : rule_(settings["half_life_points"]),
        least_rate_(static_cast<float>(forgetting(settings["half_life_points"]))),
        warmup_points_(static_cast<std::uint32_t>(settings["warmup_points"])) {}

  bool is_warm(const Feature& feature) const { return feature.seen >= warmup_points_; }

  static double score(const Feature& feature, double value) {
    const Nearest found = nearest(feature, window_with(feature, value));
    return static_cast<double>(found.distance / std::max(feature.distance, kLeastDistance));
  }

  static double blame(const Feature& feature, double value) {
    return score(feature, value) * (1 + std::fabs(standardised(feature.baseline, value)));
  }

  void learn(Feature& feature, double value, double weight) const {
    const auto points = static_cast<float>(weight);
    if (feature.seen >= kFirstWindow) learn_window(feature, window_with(feature, value), points);
    feature.lagged.keep(feature.baseline, feature.seen, value);
    rule_.learn(feature.baseline, value, points);
  }

 private:
  void learn_window(Feature& feature, const Window& window, float points) const {
    if (feature.seen % kVisitsHalve == 0) {
      for (std::size_t i = 0; i < feature.count; ++i) {
        feature.visits[i] = static_cast<std::uint16_t>((feature.visits[i] + 1) / 2);
      }
    }
    if (feature.count == 0) return remember(feature, feature.count++, window);
    const auto [medoid, distance] = nearest(feature, window);
    if (feature.count < kTypical && distance > kNewWithRoom * feature.distance) {
      remember(feature, feature.count++, window);
    } else if (distance > kNewWithout * feature.distance && distance > kLeastDistance &&
               points >= 0.5F) {
      const auto least = std::ranges::min_element(feature.visits);
      remember(feature, static_cast<std::size_t>(least - feature.visits.begin()), window);
    } else {
      visit(feature, medoid);
      draw(feature.medoids[medoid], window, kDraw * points);
    }
    feature.windows += points;
    const float share = points * std::max(1 / feature.windows, least_rate_);
    const float limit = kClip * std::max(feature.distance, kLeastDistance);
    const float learned = feature.distance == 0 ? distance : std::min(distance, limit);
    feature.distance += share * (learned - feature.distance);
  }

  static void remember(Feature& feature, std::size_t medoid, const Window& window) {
    feature.medoids[medoid] = window;
    feature.visits[medoid] = 1;
  }

  BaselineRule rule_;
  float least_rate_;  // share of the newest window, once there are many
  std::uint32_t warmup_points_;
};

}  // namespace

constinit const DetectorKind kMedoids{
    .name = "medoids",
    .summary = "Distance of the last 16 values to the nearest of 24 typical stretches.",
    .blind_to = "stretches that were seen before, and features that are odd only together",
    .parameters = kParameters,
    .scopes = kAllScopes,
    .kind_above = "shape",
    .kind_below = "shape",
    .version = 1,
    .make = make_by_feature<Medoids>,
    .feature_by_feature = true,
};

}  // namespace tocsin
