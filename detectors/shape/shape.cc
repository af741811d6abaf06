#include "detectors/shape/shape.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

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
     .help = "Higher forgets shapes more slowly: steadier scores, slower adaptation."},
    {.name = "warmup_points",
     .fallback = 150,
     .min = 64,
     .max = 1'000'000,
     .integer = true,
     .help = "Higher waits longer before the first score: fewer early false alarms."},
}};

constexpr std::size_t kLags = 32;
constexpr std::size_t kRank = 3;
constexpr std::size_t kLanes = 4;  // of sums: their order is fixed, whatever the compiler does
constexpr int kMostDeviations = 30;
constexpr int kSteps = 1024;  // a deviation, in the ring
/// Windows are learned from here on, when the level is roughly known.
constexpr std::uint32_t kFirstWindow = 40;
constexpr float kAmnesia = 2;
constexpr float kLeastResidual = 0.02F;  // deviations; below is the rounding of the ring
constexpr float kClip = 3;               // usual residuals: a window beyond counts less

using Lagged = LaggedValues<kLags, kSteps, kMostDeviations>;
using Window = std::array<float, kLags>;

/// What is known of one feature.
struct Feature {
  Baseline baseline;
  Lagged lagged;
  std::array<Window, kRank> components;  // unit vectors, or 0 where there is none yet
  std::array<float, kRank> eigenvalues;
  float residual;  // the usual one
  float windows;   // weight learned
  std::uint32_t seen;
};
static_assert(sizeof(Feature) == 520);

float dot(const Window& a, const Window& b) {
  std::array<float, kLanes> sums{};
  for (std::size_t i = 0; i < kLags; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) sums[lane] += a[i + lane] * b[i + lane];
  }
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

/// `to` += `factor` x `from`.
void add(Window& to, float factor, const Window& from) {
  for (std::size_t i = 0; i < kLags; ++i) to[i] += factor * from[i];
}

/// The window that ends with `value`, oldest first.
Window window_with(const Feature& feature, double value) {
  const Lagged::Window steps = feature.lagged.with(feature.baseline, feature.seen, value);
  Window window{};
  for (std::size_t i = 0; i < kLags; ++i) {
    window[i] = static_cast<float>(steps[i]) / static_cast<float>(kSteps);
  }
  return window;
}

float root_mean_square(const Window& window) {
  return std::sqrt(dot(window, window) / static_cast<float>(kLags));
}

class Shape {
 public:
  using Feature = tocsin::Feature;

  explicit Shape(const Settings& settings)
      : rule_(settings["half_life_points"]),
        least_rate_(static_cast<float>(forgetting(settings["half_life_points"]))),
        warmup_points_(static_cast<std::uint32_t>(settings["warmup_points"])) {}

  bool is_warm(const Feature& feature) const { return feature.seen >= warmup_points_; }

  static double score(const Feature& feature, double value) {
    Window window = window_with(feature, value);
    for (const Window& component : feature.components) {
      add(window, -dot(window, component), component);
    }
    return static_cast<double>(root_mean_square(window) /
                               std::max(feature.residual, kLeastResidual));
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
  void learn_window(Feature& feature, Window window, float points) const {
    const Window whole = window;
    Window left = window;
    for (const Window& component : feature.components) add(left, -dot(left, component), component);
    const float residual = root_mean_square(left);
    feature.windows += points;
    const float share = points * std::max(1 / feature.windows, least_rate_);
    const float limit = kClip * std::max(feature.residual, kLeastResidual);
    const bool is_first = feature.residual == 0;
    feature.residual +=
        share * ((is_first ? residual : std::min(residual, limit)) - feature.residual);

    const float trust = is_first ? 1 : std::min(1.0F, limit / std::max(residual, kLeastResidual));
    const float rate = std::min(1.0F, share * trust * (1 + kAmnesia));
    window = whole;
    for (std::size_t i = 0; i < kRank; ++i) {
      Window& component = feature.components[i];
      Window next = window;
      if (feature.eigenvalues[i] > 0) {
        const float along = dot(window, component);
        for (std::size_t j = 0; j < kLags; ++j) {
          next[j] = (1 - rate) * feature.eigenvalues[i] * component[j] + rate * along * window[j];
        }
      }
      const float size = std::sqrt(dot(next, next));
      if (!(size > kLeastResidual)) {
        // Nothing is left to explain. What was a component remains one, and fades.
        feature.eigenvalues[i] = std::max(feature.eigenvalues[i] * (1 - rate), 0.0F);
        break;
      }
      for (std::size_t j = 0; j < kLags; ++j) component[j] = next[j] / size;
      const bool begins = feature.eigenvalues[i] == 0;
      feature.eigenvalues[i] = size;
      if (begins) break;
      add(window, -dot(window, component), component);
    }
  }

  BaselineRule rule_;
  float least_rate_;  // share of the newest window, once there are many
  std::uint32_t warmup_points_;
};

}  // namespace

constinit const DetectorKind kShape{
    .name = "shape",
    .summary = "What the usual shapes of 32 consecutive values leave unexplained.",
    .blind_to = "shapes of more than 32 points, and features that are odd only together",
    .parameters = kParameters,
    .scopes = kAllScopes,
    .kind_above = "shape",
    .kind_below = "shape",
    .version = 1,
    .make = make_by_feature<Shape>,
    .feature_by_feature = true,
};

}  // namespace tocsin
