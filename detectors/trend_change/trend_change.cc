#include "detectors/trend_change/trend_change.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>

#include "detectors/direction.h"
#include "detectors/feature_by_feature.h"

namespace tocsin {
namespace {

constexpr std::array<Parameter, 1> kParameters{{
    direction_parameter("Which bend is strange: `up` is towards climbing."),
}};

constexpr std::size_t kBlock = 8;    // points
constexpr std::size_t kRecent = 8;   // blocks
constexpr std::size_t kBefore = 24;  // blocks
constexpr std::size_t kBlocks = kRecent + kBefore;
/// Usual distances: a point further off counts as this, and twice that the next in a row.
constexpr double kLimit = 8;
constexpr float kLongestStreak = 60;
constexpr double kNoiseRate = 1.0 / 64;
constexpr double kNoiseClip = 4;
/// Units: the origin and the unit move when blocks lie further off, or noise beyond these.
constexpr double kFarOff = 1e4;
constexpr double kNoiseRange = 1e3;
constexpr double kMostUnits = 1e15;
/// Of the noise: lines through blocks do not fit better than this.
constexpr double kLeastResidual = 1e-2;

/// What is known of one feature. Numbers are in units from the origin, but for those two.
struct Feature {
  double origin;
  double unit;                        // > 0 from the first value on that differs
  std::array<float, kBlocks> blocks;  // a ring of means
  float sum;                          // of the points of the block at hand, from the last mean
  float noise;                        // mean distance of points from the mean of the block before
  float streak;                       // points beyond the limit in a row; < 0: below
  float slope_before;                 // a block
  float variance_before;              // of blocks around their line
  std::uint32_t seen;                 // points
};
static_assert(sizeof(Feature) == 168);

double in_units(const Feature& feature, double value) {
  const double off = value - feature.origin;
  if (feature.unit == 0) return off == 0 ? 0 : std::copysign(1.0, off);
  return std::clamp(off / feature.unit, -kMostUnits, kMostUnits);
}

/// The block completed `age` blocks ago; 0 is the last. 0 units where there is none yet.
double block_of(const Feature& feature, std::size_t age) {
  return static_cast<double>(
      feature.blocks[(feature.seen / kBlock + 2 * kBlocks - 1 - age) % kBlocks]);
}

/// A line through points at places, with weights.
struct Line {
  double weight = 0, x = 0, y = 0, xx = 0, xy = 0, yy = 0;

  void add(double place, double value, double points) {
    weight += points;
    x += points * place;
    y += points * value;
    xx += points * place * place;
    xy += points * place * value;
    yy += points * value * value;
  }
  double squares() const { return xx - x * x / weight; }
  double slope() const { return (xy - x * y / weight) / squares(); }
  /// Mean square of the residuals, for two coefficients fewer than points.
  double variance() const {
    const double residual = yy - y * y / weight - slope() * (xy - x * y / weight);
    return std::max(residual, 0.0) / (weight - 2);
  }
};

/// The line through complete blocks, relative to the last. Ages become places 0, -1, … a block.
Line through_blocks(const Feature& feature, std::size_t first, std::size_t count) {
  Line line;
  for (std::size_t age = first; age < first + count; ++age) {
    line.add(-static_cast<double>(age), block_of(feature, age) - block_of(feature, 0), 1);
  }
  return line;
}

/// How far a point lies from the mean of the last block, cut to the limit.
double off_last_block(const Feature& feature, double value) {
  const double off = in_units(feature, value) - block_of(feature, 0);
  const auto noise = static_cast<double>(feature.noise);
  if (noise == 0) return off;
  const bool goes_on = (feature.streak < 0) == (off < 0);
  double limit = kLimit * noise;
  for (float i = goes_on ? std::fabs(feature.streak) : 0; i > 0; --i) limit *= 2;
  return std::clamp(off, -limit, limit);
}

class TrendChange {
 public:
  using Feature = tocsin::Feature;

  explicit TrendChange(const Settings& settings)
      : direction_(static_cast<Direction>(settings["direction"])) {}

  static bool is_warm(const Feature& feature) { return feature.seen >= kBlocks * kBlock; }

  double score(const Feature& feature, double value) const {
    Line recent = through_blocks(feature, 0, kRecent);
    const auto points = static_cast<double>(feature.seen % kBlock + 1);
    const double sum = static_cast<double>(feature.sum) + off_last_block(feature, value);
    // The block at hand lies as far past the last one's middle as half of both is long.
    recent.add(0.5 + points / kBlock / 2, sum / points, points / kBlock);

    const double bend = recent.slope() - static_cast<double>(feature.slope_before);
    constexpr double kSquaresBefore = kBefore * (kBefore * kBefore - 1) / 12.0;
    const double least = kLeastResidual * static_cast<double>(feature.noise);
    const double variance =
        std::max({static_cast<double>(feature.variance_before), recent.variance(),
                  least * least + std::numeric_limits<double>::min()});
    const double error = std::sqrt(variance * (1 / recent.squares() + 1 / kSquaresBefore));
    return std::min(counted(direction_, bend) / error, 1e6);
  }

  double blame(const Feature& feature, double value) const {
    const double off = std::fabs(in_units(feature, value) - block_of(feature, 0));
    const double noise = std::max(static_cast<double>(feature.noise), 1e-6);
    return score(feature, value) * (1 + off / noise);
  }

  void learn(Feature& feature, double value, double /*weight*/) const {
    if (feature.seen == 0) feature.origin = value;
    if (feature.unit == 0 && value != feature.origin) {
      feature.unit =
          std::max(std::fabs(value - feature.origin), std::numeric_limits<double>::min());
    }
    const double whole = in_units(feature, value) - block_of(feature, 0);
    const double cut = off_last_block(feature, value);
    const bool is_far =
        feature.noise > 0 && std::fabs(whole) > kLimit * static_cast<double>(feature.noise);
    learn_noise(feature, std::fabs(whole));
    if (!is_far) {
      feature.streak = 0;
    } else {
      const bool goes_on = feature.streak != 0 && (feature.streak < 0) == (whole < 0);
      const float streak = goes_on ? std::fabs(feature.streak) : 0;
      feature.streak =
          std::copysign(std::min(streak + 1, kLongestStreak), static_cast<float>(whole));
    }
    feature.sum += static_cast<float>(cut);
    if (feature.seen % kBlock + 1 == kBlock) complete_block(feature);
    ++feature.seen;
    // Where the count would wrap round it goes back, in step with the ring, and stays warm.
    if (feature.seen == 0) feature.seen = 0x80000000U;
    if (feature.seen % kBlock == 0 && is_warm(feature)) fit(feature);
  }

 private:
  static void learn_noise(Feature& feature, double distance) {
    const auto noise = static_cast<double>(feature.noise);
    const double points = static_cast<double>(feature.seen) + 1;
    // The first block has none before it: distances from the origin stand for the noise.
    const double most = feature.seen < kBlock || noise == 0 ? distance : kNoiseClip * noise;
    const double share = std::max(1 / points, kNoiseRate);
    feature.noise = static_cast<float>(noise + share * (std::min(distance, most) - noise));
  }

  static void complete_block(Feature& feature) {
    const double mean = block_of(feature, 0) + static_cast<double>(feature.sum) / kBlock;
    feature.blocks[feature.seen / kBlock % kBlocks] = static_cast<float>(mean);
    feature.sum = 0;
    const auto noise = static_cast<double>(feature.noise);
    const bool is_near = std::fabs(mean) <= kFarOff * std::max(noise, 1.0);
    const bool is_fit = noise == 0 || (noise >= 1 / kNoiseRange && noise <= kNoiseRange);
    if (!is_near || !is_fit) rebase(feature, mean);
  }

  /// Makes `mean` the origin, and the noise the unit.
  static void rebase(Feature& feature, double mean) {
    if (feature.unit == 0) return;
    const double scale = feature.noise > 0 ? static_cast<double>(feature.noise) : 1;
    feature.origin = clamp_value(feature.origin + feature.unit * mean);
    const double unit = std::max(feature.unit * scale, std::numeric_limits<double>::min());
    const double factor = feature.unit / unit;
    feature.unit = std::min(unit, kLargestValue);
    for (float& block : feature.blocks) {
      block = static_cast<float>((static_cast<double>(block) - mean) * factor);
    }
    feature.noise = static_cast<float>(static_cast<double>(feature.noise) * factor);
  }

  static void fit(Feature& feature) {
    const Line before = through_blocks(feature, kRecent, kBefore);
    feature.slope_before = static_cast<float>(before.slope());
    feature.variance_before = static_cast<float>(before.variance());
  }

  Direction direction_;
};

}  // namespace

constinit const DetectorKind kTrendChange{
    .name = "trend_change",
    .summary = "Change of the slope between recent and earlier windows, in standard errors.",
    .blind_to = "trends that have always been there and short bends",
    .parameters = kParameters,
    .scopes = kAllScopes,
    .kind_above = "trend_change",
    .kind_below = "trend_change",
    .version = 1,
    .make = make_by_feature<TrendChange>,
    .feature_by_feature = true,
};

}  // namespace tocsin
