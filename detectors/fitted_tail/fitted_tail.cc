#include "detectors/fitted_tail/fitted_tail.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>

#include "detectors/direction.h"
#include "detectors/elementary.h"
#include "detectors/feature_by_feature.h"
#include "detectors/quantile_step.h"

namespace tocsin {
namespace {

constexpr std::array<Parameter, 3> kParameters{{
    {.name = "half_life_points",
     .fallback = 2000,
     .min = 64,
     .max = 10'000'000,
     .integer = true,
     .help = "Higher forgets more slowly: better known tails, slower adaptation."},
    {.name = "warmup_points",
     .fallback = 200,
     .min = 32,
     .max = 1'000'000,
     .integer = true,
     .help = "Higher waits longer before the first score: fewer early false alarms."},
    direction_parameter("Which tail is strange."),
}};

constexpr double kBeyond = 0.05;  // probability of an excess, on each side
/// Deviations over density at the 95 % point of a normal distribution.
constexpr double kStep = 9.7;
/// The mean excess of a normal distribution, in deviations, and what it counts as, in excesses.
constexpr double kPriorExcess = 0.42;
constexpr double kPriorWeight = 4;
constexpr double kShapeWeight = 30;  // excesses: the prior for a shape of 0
constexpr double kMostShape = 0.45;  // beyond, moments do not exist
constexpr double kClip = 12;         // mean excesses

/// What is known of the tail on one side; the one below is that of the values' negatives.
struct Tail {
  double start;   // the 95 % point
  double mean;    // excess
  double square;  // root of the mean square of excesses
};

/// What is known of one feature.
struct Feature {
  Baseline baseline;
  std::array<Tail, 2> tails;      // [side]
  std::array<float, 2> excesses;  // [side] weight behind the moments
  double seen;                    // weight learned
};
static_assert(sizeof(Feature) == 112);

/// -ln of the probability of an excess by `excess` or more, > 0.
double rarity(const Tail& tail, double weight, double excess, double deviation) {
  const double prior = kPriorExcess * deviation;
  const double mean = (weight * tail.mean + kPriorWeight * prior) / (weight + kPriorWeight);
  // The fit's shape is (1 - mean^2 / variance) / 2.
  const double ratio = tail.square > 0 ? tail.mean / tail.square : 1;
  const double variance = 1 - ratio * ratio;  // of mean squares
  const double fit = variance > 0 ? (1 - ratio * ratio / variance) / 2 : 0;
  const double shape = std::clamp(fit * weight / (weight + kShapeWeight), 0.0, kMostShape);
  const double far = std::min(excess / (mean * (1 - shape)), kLargestValue);
  constexpr double kStraight = 1e-6;
  const double log = shape > kStraight ? natural_log1p(shape * far) / shape : far;
  return log - natural_log(kBeyond);
}

class FittedTail {
 public:
  using Feature = tocsin::Feature;

  explicit FittedTail(const Settings& settings)
      : rule_(settings["half_life_points"]),
        forgetting_(forgetting(settings["half_life_points"])),
        warmup_points_(settings["warmup_points"]),
        direction_(static_cast<Direction>(settings["direction"])) {}

  bool is_warm(const Feature& feature) const { return feature.seen >= warmup_points_; }

  double score(const Feature& feature, double value) const {
    const Side side = value < feature.baseline.level ? below : above;
    if (counted(direction_, side == above ? 1 : -1) == 0) return 0;
    const Tail& tail = feature.tails[side];
    const double excess = (side == above ? value : -value) - tail.start;
    if (excess <= 0) return 0;
    const auto weight = static_cast<double>(feature.excesses[side]);
    return rarity(tail, weight, excess, deviation(feature.baseline, value));
  }

  double blame(const Feature& feature, double value) const {
    return score(feature, value) * (1 + std::fabs(standardised(feature.baseline, value)));
  }

  void learn(Feature& feature, double value, double weight) const {
    if (feature.baseline.points >= 3) {
      if (feature.seen == 0) {
        feature.tails[above].start = feature.baseline.level;
        feature.tails[below].start = -feature.baseline.level;
      }
      feature.seen += weight;
      learn_tail(feature, above, value, weight);
      learn_tail(feature, below, -value, weight);
    }
    const double jump = rule_.learn(feature.baseline, value, static_cast<float>(weight));
    feature.tails[above].start = clamp_value(feature.tails[above].start + jump);
    feature.tails[below].start = clamp_value(feature.tails[below].start - jump);
  }

 private:
  void learn_tail(Feature& feature, Side side, double value, double weight) const {
    Tail& tail = feature.tails[side];
    const double one = deviation(feature.baseline, feature.baseline.level);
    // While the start is on its way, excesses are of another tail.
    if (value > tail.start && feature.seen >= kSettled) {
      learn_excess(feature, side, value - tail.start, weight);
    }
    const double share = std::min(kMostShare, weight * std::max(1 / feature.seen, forgetting_));
    const double step = share * kStep * one * quantile_step(value, tail.start, 1 - kBeyond);
    tail.start = clamp_value(tail.start + step);
  }

  void learn_excess(Feature& feature, Side side, double excess, double weight) const {
    Tail& tail = feature.tails[side];
    float& behind = feature.excesses[side];
    const double memory = std::max(kBeyond / forgetting_, 1.0);
    behind = static_cast<float>(std::min(static_cast<double>(behind) + weight, memory));
    const double share = weight / std::max(static_cast<double>(behind), weight);
    const double one = deviation(feature.baseline, feature.baseline.level);
    const double usual = tail.mean > 0 ? tail.mean : kPriorExcess * one;
    const double most = std::max(kClip * usual, std::numeric_limits<double>::min());
    const double cut = std::min(excess, most);
    tail.mean += share * (cut - tail.mean);
    // Of the larger of both, so that squares cannot overflow.
    const double unit = std::max(tail.square, cut);
    if (unit == 0) return;
    const double known = tail.square / unit;
    const double news = cut / unit;
    tail.square = unit * std::sqrt((1 - share) * known * known + share * news * news);
  }

  static constexpr double kSettled = 24;     // points
  static constexpr double kMostShare = 0.1;  // a step is a deviation at most

  BaselineRule rule_;
  double forgetting_;  // share of the newest point, once there are many
  double warmup_points_;
  Direction direction_;
};

}  // namespace

constinit const DetectorKind kFittedTail{
    .name = "fitted_tail",
    .summary = "How improbable a value as far out is, by a generalised Pareto tail on each side.",
    .blind_to = "order, and anything but values far out",
    .parameters = kParameters,
    .scopes = kAllScopes,
    .kind_above = "spike",
    .kind_below = "drop",
    .version = 1,
    .make = make_by_feature<FittedTail>,
    .feature_by_feature = true,
};

}  // namespace tocsin
