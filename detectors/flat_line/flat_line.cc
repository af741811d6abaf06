#include "detectors/flat_line/flat_line.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <memory>

#include "detectors/elementary.h"
#include "detectors/feature_by_feature.h"

namespace tocsin {
namespace {

constexpr std::array<Parameter, 3> kParameters{{
    {.name = "tolerance",
     .fallback = 0.05,
     .min = 0,
     .max = 1,
     .help = "In usual steps. Higher takes a trembling value for one that stands still."},
    {.name = "warmup_runs",
     .fallback = 30,
     .min = 1,
     .max = 1'000'000,
     .integer = true,
     .help = "Higher waits for more changes before the first score: fewer early false alarms."},
    {.name = "half_life_points",
     .fallback = 20'000,
     .min = 16,
     .max = 100'000'000,
     .integer = true,
     .help = "Higher remembers old runs longer: fewer alarms where stillness comes and goes."},
}};

constexpr std::size_t kLengths = 17;  // powers of two; longer runs count as the last
/// What is known of a doubling beforehand, in runs, and the share of them that went on.
constexpr double kPriorRuns = 1;
constexpr double kPriorShare = 0.25;
constexpr double kClip = 6;  // steps: nothing longer moves the usual step more
constexpr double kStepRate = 0.01;
constexpr float kLargestRun = 16'777'216;
constexpr double kLog2 = 0.6931471805599453;

/// What is known of one feature.
struct Feature {
  double anchor;                     // the first value of the run at hand
  double last;                       // value
  double step;                       // mean size of a step outside runs
  std::array<float, kLengths> runs;  // [length]: completed runs of 2^length to 2^(length+1) - 1
  float run;                         // points in the run at hand, 0: nothing seen
  float steps;                       // weight behind `step`
  float completed;                   // weight of runs ever completed
};
static_assert(sizeof(Feature) == 104);

class FlatLine {
 public:
  using Feature = tocsin::Feature;

  explicit FlatLine(const Settings& settings)
      : tolerance_(settings["tolerance"]),
        warmup_runs_(static_cast<float>(settings["warmup_runs"])),
        decay_(kLog2 / settings["half_life_points"]) {}

  bool is_warm(const Feature& feature) const { return feature.completed >= warmup_runs_; }

  double score(const Feature& feature, double value) const {
    return goes_on(feature, value) ? rarity(feature, static_cast<double>(feature.run) + 1) : 0;
  }

  void learn(Feature& feature, double value, double weight) const {
    if (feature.run == 0) {
      feature.anchor = feature.last = value;
      feature.run = 1;
      return;
    }
    const double size = std::fabs(value - feature.last);
    feature.last = value;
    if (goes_on(feature, value)) {
      feature.run = std::min(feature.run + 1, kLargestRun);
      return;
    }
    if (size > 0) learn_step(feature, size, weight);
    complete_run(feature, static_cast<float>(weight));
    feature.anchor = value;
    feature.run = 1;
  }

 private:
  bool goes_on(const Feature& feature, double value) const {
    // Equal values go on where no step is known, or the tolerance is 0.
    return std::fabs(value - feature.anchor) <= tolerance_ * feature.step;
  }

  static void learn_step(Feature& feature, double size, double weight) {
    feature.steps = std::min(feature.steps + static_cast<float>(weight), kLargestRun);
    const double limit = feature.step > 0 ? kClip * feature.step : size;
    const double share = std::max(1 / static_cast<double>(feature.steps), kStepRate);
    feature.step += std::min(1.0, weight * share) * (std::min(size, limit) - feature.step);
  }

  void complete_run(Feature& feature, float weight) const {
    const auto kept = static_cast<float>(natural_exp(-decay_ * static_cast<double>(feature.run)));
    for (float& count : feature.runs) count *= kept;
    const auto length =
        static_cast<std::size_t>(std::bit_width(static_cast<std::uint32_t>(feature.run))) - 1;
    feature.runs[std::min(length, kLengths - 1)] += weight;
    feature.completed = std::min(feature.completed + weight, kLargestRun);
  }

  /// -ln of the probability that a run reaches `length` points.
  static double rarity(const Feature& feature, double length) {
    double longer = 0;  // runs of at least 2^doubling points
    for (const float count : feature.runs) longer += static_cast<double>(count);
    double sum = 0;
    double reached = 1;  // 2^doubling
    for (std::size_t doubling = 0; reached < length && doubling + 1 < kLengths; ++doubling) {
      const double ended = static_cast<double>(feature.runs[doubling]);
      const double went_on = std::max(longer - ended, 0.0);
      const double share = (went_on + kPriorShare * kPriorRuns) / (longer + kPriorRuns);
      // Between powers of two, that part of the doubling's logarithm.
      sum -= natural_log(share) * std::min(1.0, (length - reached) / reached);
      longer = went_on;
      reached *= 2;
    }
    return std::max(sum, 0.0);
  }

  double tolerance_;   // usual steps
  float warmup_runs_;  // weight
  double decay_;       // a point
};

}  // namespace

constinit const DetectorKind kFlatLine{
    .name = "flat_line",
    .summary = "How rarely the feature has stood still for so long.",
    .blind_to = "what values are, repeated patterns and slow drift",
    .parameters = kParameters,
    .scopes = kAllScopes,
    .kind_above = "flat_line",
    .kind_below = "flat_line",
    .version = 1,
    .make = make_by_feature<FlatLine>,
    .minds_distance = false,
    .feature_by_feature = true,
};

}  // namespace tocsin
