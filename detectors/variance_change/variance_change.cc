#include "detectors/variance_change/variance_change.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>

#include "detectors/direction.h"
#include "detectors/elementary.h"
#include "detectors/feature_by_feature.h"

namespace tocsin {
namespace {

constexpr std::array<Parameter, 3> kParameters{{
    {.name = "min_change",
     .fallback = 1.5,
     .min = 1,
     .max = 1000,
     .help = "A factor. Changes of the spread by less than this score 0."},
    {.name = "half_life_points",
     .fallback = 100,
     .min = 32,
     .max = 1'000'000,
     .integer = true,
     .help = "Higher follows the level more slowly: what wanders then counts as spread."},
    direction_parameter("Which change is strange: `up` is noisier."),
}};

constexpr std::size_t kBlock = 12;  // points
constexpr std::size_t kBlocks = 36;
constexpr std::uint32_t kWarmBlocks = 12;
/// In blocks: a window, and what it is compared with.
struct Windows {
  std::size_t recent, before;
};
constexpr std::array<Windows, 2> kPairs{{{1, 8}, {4, 32}}};
/// Distances count within these, in deviations.
constexpr double kLeastDistance = 0.1;
constexpr double kMostDistance = 8;
/// Variance of the logarithm of a normal variable's size, pi^2 / 8.
constexpr double kLogVariance = 1.2337005501361697;
/// Logarithms are kept as whole multiples of this.
constexpr double kStep = 1.0 / 32;

/// What is known of one feature.
struct Feature {
  Baseline baseline;
  std::array<std::int16_t, kBlock> points;   // of the block at hand and, further on, the last one
  std::array<std::int16_t, kBlocks> blocks;  // a ring of their means
  std::uint32_t seen;                        // points
  float block_variance;                      // of the blocks' means, in steps
  // Of complete blocks, [pair of windows], and so the same until the next one is complete:
  std::array<float, 2> rest;    // mean of those in the recent window before the last one
  std::array<float, 2> before;  // mean of those in the window before
};
static_assert(sizeof(Feature) == 168);

double logarithm(const Feature& feature, double value) {
  const double one = deviation(feature.baseline, value);
  const double distance = std::fabs(value - feature.baseline.level);
  const double log = natural_log(std::clamp(distance, kLeastDistance * one, kMostDistance * one));
  return std::floor(log / kStep + 0.5);
}

/// The block completed `age` blocks ago; 0 is the last.
double block_of(const Feature& feature, std::size_t age) {
  const std::size_t complete = feature.seen / kBlock;
  return feature.blocks[(complete + kBlocks - 1 - age) % kBlocks];
}

double mean_of_blocks(const Feature& feature, std::size_t first, std::size_t count) {
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += block_of(feature, first + i);
  return sum / static_cast<double>(count);
}

/// How the blocks differ among themselves; at least as independent normal points would.
float variance_of_blocks(const Feature& feature) {
  const std::size_t count = std::min<std::size_t>(feature.seen / kBlock, kBlocks);
  const double mean = mean_of_blocks(feature, 0, count);
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const double off = block_of(feature, i) - mean;
    sum += off * off;
  }
  const double least = kLogVariance / kBlock / (kStep * kStep);
  return static_cast<float>(std::max(sum / static_cast<double>(count - 1), least));
}

class VarianceChange {
 public:
  using Feature = tocsin::Feature;

  explicit VarianceChange(const Settings& settings)
      : rule_(settings["half_life_points"]),
        min_change_(natural_log(settings["min_change"]) / kStep),
        direction_(static_cast<Direction>(settings["direction"])) {}

  static bool is_warm(const Feature& feature) { return feature.seen >= kWarmBlocks * kBlock; }

  double score(const Feature& feature, double value) const {
    return largest(feature, value, min_change_);
  }

  double blame(const Feature& feature, double value) const {
    return largest(feature, value, 0) * (1 + std::fabs(standardised(feature.baseline, value)));
  }

  void learn(Feature& feature, double value, double weight) const {
    if (feature.baseline.points < 3) {
      rule_.learn(feature.baseline, value, static_cast<float>(weight));
      return;
    }
    const std::size_t place = feature.seen % kBlock;
    feature.points[place] = static_cast<std::int16_t>(logarithm(feature, value));
    rule_.learn(feature.baseline, value, static_cast<float>(weight));
    // Before it wraps round it goes back by a multiple of all periods.
    if (feature.seen == std::numeric_limits<std::uint32_t>::max()) {
      feature.seen -= static_cast<std::uint32_t>(kBlock * kBlocks) * 1024;
    }
    if (place + 1 == kBlock) complete_block(feature);
    ++feature.seen;
    if (place + 1 == kBlock && is_warm(feature)) sum_up(feature);
  }

 private:
  static void complete_block(Feature& feature) {
    int sum = 0;
    for (const std::int16_t log : feature.points) sum += log;
    const double mean = std::floor(static_cast<double>(sum) / kBlock + 0.5);
    feature.blocks[feature.seen / kBlock % kBlocks] = static_cast<std::int16_t>(mean);
  }

  static void sum_up(Feature& feature) {
    feature.block_variance = variance_of_blocks(feature);
    for (std::size_t pair = 0; pair < kPairs.size(); ++pair) {
      const auto [recent, before] = kPairs[pair];
      if (feature.seen < (recent + before) * kBlock) continue;
      if (recent > 1) {
        feature.rest[pair] = static_cast<float>(mean_of_blocks(feature, 1, recent - 1));
      }
      feature.before[pair] = static_cast<float>(mean_of_blocks(feature, recent, before));
    }
  }

  double largest(const Feature& feature, double value, double min_change) const {
    const double log = logarithm(feature, value);
    double largest = 0;
    // The block at hand, with the point, makes up for as many points of the last complete one.
    double sum = log - static_cast<double>(feature.points[feature.seen % kBlock]);
    for (const std::int16_t point : feature.points) sum += static_cast<double>(point);
    for (std::size_t pair = 0; pair < kPairs.size(); ++pair) {
      const auto [recent, before] = kPairs[pair];
      if (feature.seen < (recent + before) * kBlock) continue;
      const auto blocks = static_cast<double>(recent);
      const double rest = (blocks - 1) * static_cast<double>(feature.rest[pair]);
      const double mean = (sum / kBlock + rest) / blocks;
      const double change = counted(direction_, mean - static_cast<double>(feature.before[pair]));
      if (change < min_change) continue;
      const double share = 1 / blocks + 1 / static_cast<double>(before);
      const double error = std::sqrt(static_cast<double>(feature.block_variance) * share);
      largest = std::max(largest, change / error);
    }
    return largest;
  }

  BaselineRule rule_;
  double min_change_;  // steps
  Direction direction_;
};

}  // namespace

constinit const DetectorKind kVarianceChange{
    .name = "variance_change",
    .summary = "Change of the spread between recent and earlier windows, in standard errors.",
    .blind_to = "the level itself, single spikes and small changes",
    .parameters = kParameters,
    .scopes = kAllScopes,
    .kind_above = "variance_change",
    .kind_below = "variance_change",
    .version = 1,
    .make = make_by_feature<VarianceChange>,
    .minds_distance = false,
    .feature_by_feature = true,
};

}  // namespace tocsin
