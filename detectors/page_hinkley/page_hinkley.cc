#include "detectors/page_hinkley/page_hinkley.h"

#include <array>
#include <memory>

#include "detectors/cumulative_sum.h"
#include "detectors/direction.h"
#include "detectors/feature_by_feature.h"

namespace tocsin {
namespace {

constexpr std::array<Parameter, 4> kParameters{{
    {.name = "drift",
     .fallback = 0.1,
     .min = 0.01,
     .max = 2.5,
     .help = "In deviations. Higher tolerates larger shifts, and needs less evidence for others."},
    {.name = "threshold",
     .fallback = 50,
     .min = 1,
     .max = 1000,
     .help =
         "In deviations. Higher gathers more evidence before it takes the shift for the level."},
    {.name = "warmup_points",
     .fallback = 50,
     .min = 3,
     .max = 1'000'000,
     .integer = true,
     .help = "Higher waits longer before the first score: fewer early false alarms."},
    direction_parameter("Which shifts are strange."),
}};

/// The half-life of the mean, in points: it counts all since the last alarm.
constexpr double kNever = 1e7;

Result<std::unique_ptr<Detector>> make(const Settings& settings, int dimensions,
                                       std::uint64_t /*seed*/) {
  const CumulativeSum::Rule rule{.drift = settings["drift"],
                                 .threshold = settings["threshold"],
                                 .half_life_points = kNever,
                                 .warmup_points = settings["warmup_points"],
                                 .direction = static_cast<Direction>(settings["direction"])};
  return std::unique_ptr<Detector>(
      std::make_unique<FeatureByFeature<CumulativeSum>>(CumulativeSum(rule), dimensions));
}

}  // namespace

constinit const DetectorKind kPageHinkley{
    .name = "page_hinkley",
    .summary = "Evidence for a lasting shift from the mean of all values since the last shift.",
    .blind_to = "single spikes, and shifts smaller than `drift`",
    .parameters = kParameters,
    .scopes = kAllScopes,
    .kind_above = "level_shift",
    .kind_below = "level_shift",
    .version = 1,
    .make = make,
    .feature_by_feature = true,
};

}  // namespace tocsin
