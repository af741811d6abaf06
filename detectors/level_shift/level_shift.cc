#include "detectors/level_shift/level_shift.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <span>

#include "detectors/direction.h"
#include "detectors/feature_by_feature.h"

namespace tocsin {
namespace {

constexpr std::array<Parameter, 2> kParameters{{
    {.name = "min_effect",
     .fallback = 0,
     .min = 0,
     .max = 100,
     .help = "In units of spread. Shifts smaller than this score 0."},
    direction_parameter("Which shifts are strange."),
}};

constexpr std::size_t kBlock = 8;    // points
constexpr std::size_t kRecent = 6;   // blocks
constexpr std::size_t kBefore = 48;  // blocks
constexpr std::size_t kBlocks = kRecent + kBefore;
constexpr double kNoiseShare = 0.5;
/// A standard deviation in the mean distance of independent normal neighbours, sqrt(pi) / 2.
constexpr float kDeviations = 0.88622693F;
constexpr float kNoiseRate = 0.02F;
constexpr float kClip = 6;  // in noises: nothing further off moves the noise more
constexpr double kRounding = 1e-9;
/// Sums and differences of floats up to this cannot overflow.
constexpr double kLargestPoint = 1e37;

/// What is known of one feature.
struct Feature {
  std::array<float, kBlock> points;   // of the block at hand
  std::array<float, kBlocks> blocks;  // a ring of their medians
  float noise;                        // mean difference of neighbours
  float last;
  std::uint32_t count;  // points seen, at most the largest number
  std::uint32_t next;   // of the ring: the oldest block
  float before;         // median of the older blocks
  float spread;         // their median distance from it
};
static_assert(sizeof(Feature) == 272);

float narrow(double value) {
  return static_cast<float>(std::clamp(value, -kLargestPoint, kLargestPoint));
}

/// The middle one, the upper of two. Sorts.
float median(std::span<float> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// Block `age` of the ring: 0 is the oldest.
float block(const Feature& feature, std::size_t age) {
  return feature.blocks[(feature.next + age) % kBlocks];
}

/// What the older blocks say, which changes with every block only.
void compare_with(Feature& feature) {
  std::array<float, kBefore> before{};
  for (std::size_t i = 0; i < kBefore; ++i) before[i] = block(feature, i);
  feature.before = median(before);
  for (float& each : before) each = std::fabs(each - feature.before);
  feature.spread = median(before);
}

/// The level of the last points, were `value` the next.
float recent_level(const Feature& feature, float value) {
  const std::size_t begun = feature.count % kBlock;
  const bool counts = begun + 1 > kBlock / 2;
  std::array<float, kRecent> recent{};
  for (std::size_t i = 0; i < kRecent; ++i) recent[i] = block(feature, kBefore + i);
  if (counts) {
    std::array<float, kBlock> points = feature.points;
    points[begun] = value;
    recent[0] = median(std::span(points).first(begun + 1));
  }
  return median(recent);
}

/// One unit of shift.
double unit_of(const Feature& feature, double forecast_scale) {
  const double noise = forecast_scale > 0 ? forecast_scale : static_cast<double>(feature.noise);
  return std::max({static_cast<double>(feature.spread), kNoiseShare * noise,
                   kRounding * std::fabs(static_cast<double>(feature.before)),
                   static_cast<double>(std::numeric_limits<float>::min())});
}

class LevelShift {
 public:
  using Feature = tocsin::Feature;

  explicit LevelShift(const Settings& settings)
      : min_effect_(settings["min_effect"]),
        direction_(static_cast<Direction>(settings["direction"])) {}

  static bool is_warm(const Feature& feature) { return feature.count >= kBlocks * kBlock; }

  double score(const Feature& feature, double value, double forecast_scale) const {
    const auto recent = static_cast<double>(recent_level(feature, narrow(value)));
    const double shift = counted(direction_, recent - static_cast<double>(feature.before));
    const double effect = std::min(shift / unit_of(feature, forecast_scale), kLargestValue);
    return effect < min_effect_ ? 0 : effect;
  }

  static void learn(Feature& feature, double given, double /*weight*/) {
    const float value = narrow(given);
    if (feature.count > 0) learn_noise(feature, kDeviations * std::fabs(value - feature.last));
    feature.last = value;
    const std::size_t begun = feature.count % kBlock;
    feature.points[begun] = value;
    if (begun + 1 == kBlock) {
      std::array<float, kBlock> points = feature.points;
      feature.blocks[feature.next] = median(points);
      feature.next = static_cast<std::uint32_t>((feature.next + 1) % kBlocks);
      compare_with(feature);
    }
    if (feature.count < std::numeric_limits<std::uint32_t>::max()) {
      ++feature.count;
    } else {
      feature.count -= static_cast<std::uint32_t>(kBlock) - 1;  // Stays past the warm-up, in step.
    }
  }

 private:
  static void learn_noise(Feature& feature, float difference) {
    const float share = std::max(kNoiseRate, 1 / static_cast<float>(feature.count));
    const float most =
        share > kNoiseRate ? difference : kClip * feature.noise + std::numeric_limits<float>::min();
    feature.noise += share * (std::min(difference, most) - feature.noise);
  }

  double min_effect_;  // units of spread
  Direction direction_;
};

}  // namespace

constinit const DetectorKind kLevelShift{
    .name = "level_shift",
    .summary = "Distance between the level of the last 48 points and that of the 384 before.",
    .blind_to = "spikes, shapes, slow changes, and shifts smaller than a daily cycle",
    .parameters = kParameters,
    .scopes = kAllScopes,
    .kind_above = "level_shift",
    .kind_below = "level_shift",
    .version = 1,
    .make = make_by_feature<LevelShift>,
    .points_to_judge = 40,
    .learns_everything = true,
    .heeds_forecast = true,
    .feature_by_feature = true,
};

}  // namespace tocsin
