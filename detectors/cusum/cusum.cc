#include "detectors/cusum/cusum.h"

#include <array>
#include <memory>

#include "detectors/cumulative_sum.h"
#include "detectors/direction.h"
#include "detectors/feature_by_feature.h"

namespace tocsin {
namespace {

constexpr std::array<Parameter, 5> kParameters{{
    {.name = "drift",
     .fallback = 0.5,
     .min = 0.01,
     .max = 2.5,
     .help = "In deviations. Higher looks for larger shifts, which it finds sooner: half of one."},
    {.name = "threshold",
     .fallback = 8,
     .min = 1,
     .max = 1000,
     .help =
         "In deviations. Higher gathers more evidence before it takes the shift for the level."},
    {.name = "half_life_points",
     .fallback = 500,
     .min = 16,
     .max = 1'000'000,
     .integer = true,
     .help = "Higher moves the level more slowly: slower shifts are found."},
    {.name = "warmup_points",
     .fallback = 50,
     .min = 3,
     .max = 1'000'000,
     .integer = true,
     .help = "Higher waits longer before the first score: fewer early false alarms."},
    direction_parameter("Which shifts are strange."),
}};

Result<std::unique_ptr<Detector>> make(const Settings& settings, int dimensions,
                                       std::uint64_t /*seed*/) {
  const CumulativeSum::Rule rule{.drift = settings["drift"],
                                 .threshold = settings["threshold"],
                                 .half_life_points = settings["half_life_points"],
                                 .warmup_points = settings["warmup_points"],
                                 .direction = static_cast<Direction>(settings["direction"])};
  return std::unique_ptr<Detector>(
      std::make_unique<FeatureByFeature<CumulativeSum>>(CumulativeSum(rule), dimensions));
}

}  // namespace

constinit const DetectorKind kCusum{
    .name = "cusum",
    .summary = "Evidence for a lasting shift of the level, a cumulative sum of distances.",
    .blind_to = "single spikes, and trends slower than the half-life",
    .parameters = kParameters,
    .scopes = kAllScopes,
    .kind_above = "level_shift",
    .kind_below = "level_shift",
    .version = 1,
    .make = make,
    .feature_by_feature = true,
};

}  // namespace tocsin
