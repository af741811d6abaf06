#include "detectors/transition/transition.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <span>

#include "detectors/elementary.h"
#include "detectors/feature_by_feature.h"

namespace tocsin {
namespace {

constexpr std::array<Parameter, 1> kParameters{{
    {.name = "warmup_points",
     .fallback = 222,
     .min = 200,
     .max = 1'000'000,
     .integer = true,
     .help = "Higher waits longer before the first score: fewer early false alarms."},
}};

constexpr std::size_t kClasses = 12;
constexpr std::size_t kContexts = kClasses * kClasses;
/// The classes are cut by so many first points.
constexpr std::uint32_t kSample = 200;
/// Of one observation: what the class beside the one that came counts, and what every class counts
/// before anything was seen.
constexpr double kNeighbour = 0.5;
constexpr double kUnseen = 0.05;

/// What is known of one feature.
struct Feature {
  std::array<float, kClasses - 1> edges;  // ascending; class i is (edges[i-1], edges[i]]
  std::uint32_t count;                    // points seen, at most the largest number
  std::uint8_t last, before_last;         // classes
  std::array<std::uint8_t, 14> reserved;
  /// [context][class]; up to the sample's end, the sample itself as floats.
  std::array<std::uint8_t, kContexts * kClasses> counts;
};
static_assert(sizeof(Feature) == 1792 && alignof(Feature) == 4);
static_assert(kSample * sizeof(float) <= kContexts * kClasses);

float narrow(double value) {
  constexpr double kFloat = std::numeric_limits<float>::max();
  return static_cast<float>(std::clamp(value, -kFloat, kFloat));
}

std::size_t class_of(const Feature& feature, float value) {
  std::size_t number = 0;
  for (const float edge : feature.edges) number += value > edge ? 1 : 0;
  return number;
}

std::size_t row_of(const Feature& feature) {
  return (feature.before_last * kClasses + feature.last) * kClasses;
}

void count(Feature& feature, std::size_t next) {
  const auto row = std::span(feature.counts).subspan(row_of(feature), kClasses);
  if (row[next] == std::numeric_limits<std::uint8_t>::max()) {
    for (std::uint8_t& each : row) each = static_cast<std::uint8_t>(each / 2);
  }
  ++row[next];
}

void follow(Feature& feature, std::size_t next) {
  feature.before_last = feature.last;
  feature.last = static_cast<std::uint8_t>(next);
}

/// Cuts the classes, and counts the sample that they were cut by.
void begin(Feature& feature) {
  std::array<float, kSample> sample{};
  std::memcpy(sample.data(), feature.counts.data(), sizeof sample);
  std::array<float, kSample> sorted = sample;
  std::sort(sorted.begin(), sorted.end());
  // A value that fills several classes is an edge several times: the classes between stay empty.
  for (std::size_t i = 1; i < kClasses; ++i) {
    feature.edges[i - 1] = sorted[i * kSample / kClasses];
  }
  feature.counts = {};
  for (std::size_t i = 0; i < kSample; ++i) {
    const std::size_t next = class_of(feature, sample[i]);
    if (i >= 2) count(feature, next);
    follow(feature, next);
  }
}

class Transition {
 public:
  using Feature = tocsin::Feature;

  explicit Transition(const Settings& settings)
      : warmup_points_(static_cast<std::uint32_t>(settings["warmup_points"])) {}

  bool is_warm(const Feature& feature) const { return feature.count >= warmup_points_; }

  static double score(const Feature& feature, double value) {
    const std::size_t next = class_of(feature, narrow(value));
    const auto row = std::span(feature.counts).subspan(row_of(feature), kClasses);
    double seen = row[next] + kUnseen;
    if (next > 0) seen += kNeighbour * row[next - 1];
    if (next + 1 < kClasses) seen += kNeighbour * row[next + 1];
    int all = 0;
    for (const std::uint8_t each : row) all += each;
    // Each observation counts once for its class and at most twice a half for the neighbours.
    const double share = seen / (2 * all + kUnseen * kClasses + 0.5);
    return std::max(0.0, -natural_log(share));
  }

  static void learn(Feature& feature, double value, double /*weight*/) {
    const float narrowed = narrow(value);
    if (feature.count < kSample) {
      std::memcpy(feature.counts.data() + feature.count * sizeof narrowed, &narrowed,
                  sizeof narrowed);
    } else {
      const std::size_t next = class_of(feature, narrowed);
      count(feature, next);
      follow(feature, next);
    }
    if (feature.count < std::numeric_limits<std::uint32_t>::max()) ++feature.count;
    if (feature.count == kSample) begin(feature);
  }

 private:
  std::uint32_t warmup_points_;
};

}  // namespace

constinit const DetectorKind kTransition{
    .name = "transition",
    .summary = "How rarely a value has followed on the two before it.",
    .blind_to = "how far a value lies beyond the first points, and patterns longer than three",
    .parameters = kParameters,
    .scopes = kAllScopes,
    .kind_above = "pattern",
    .kind_below = "pattern",
    .version = 2,
    .make = make_by_feature<Transition>,
    .minds_distance = false,
    .learns_everything = true,
    .feature_by_feature = true,
};

}  // namespace tocsin
