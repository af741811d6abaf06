#include "detectors/forecast/forecaster.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "detectors/baseline.h"
#include "detectors/detector.h"
#include "detectors/elementary.h"
#include "detectors/forecast/expert_weights.h"
#include "detectors/forecast/residual_quantiles.h"

namespace tocsin {
namespace {

using Block = Forecaster::Block;
constexpr std::size_t kCandidates = Prediction::kCandidates;
constexpr std::size_t kQuantiles = Prediction::kProbabilities.size();

// Memory, as the share of the newest of many values.
constexpr double kLevelRate = 1.0 / 200;
constexpr double kUsualRate = 1.0 / 200;
constexpr double kFastRate = 1.0 / 10;
constexpr double kErrorRate = 1.0 / 300;
constexpr double kTrendRate = 1.0 / 12;
constexpr double kSlopeRate = kTrendRate * kTrendRate / 4;
constexpr double kIntervalRate = 1.0 / 32;
constexpr double kRegressionRate = 1.0 / 700;
constexpr double kDamping = .9;
/// Half of what is known of the level of seasons is forgotten in so many days.
constexpr double kAnchorDays = 3;
constexpr double kDayMs = 86'400'000;

constexpr double kClip = 6;        // scales: larger errors teach as much
constexpr double kFarLag = 8;      // deviations: lags count within
constexpr double kGapMost = 8;     // usual intervals
constexpr double kGap = 4;         // usual intervals: more is a gap
constexpr float kFirstPoints = 8;  // before residuals mean anything
constexpr float kWarm = 32;        // before there is a forecast
constexpr float kMostPoints = 16'777'216;
constexpr float kAdoption = 12;                     // values in a row are a new level
constexpr double kFarOff = 3;                       // deviations
constexpr double kDeviations = 1.2533141373155003;  // in a mean size, of a normal distribution
constexpr double kQuantumShare = .25;               // of the quantum: no scale is smaller
constexpr double kConstantShare = .05;  // of the magnitude: the scale of what never varied

// The mixture.
constexpr double kLearning = .5;     // by how much weights follow losses
constexpr double kLeastPart = .005;  // weights below have no part in the prediction
constexpr std::array<float, kCandidates> kPriorWeights{.5F, .1F, .1F, .1F, .1F, .1F};
constexpr double kScaleLearning = .5;
constexpr std::array<float, Forecaster::kScales> kPriorScales{.8F, .1F, .1F};

double mixed(std::span<const float> weights, std::span<const double> values) {
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i)
    sum += static_cast<double>(weights[i]) * values[i];
  return sum;
}

constexpr std::uint32_t kSeasonal =
    1U << Forecaster::day | 1U << Forecaster::day_by_weekend | 1U << Forecaster::week;

/// How much one error of a base says of the next.
double persistence(const Block& block, std::size_t base) {
  const auto squares = static_cast<double>(block.squares[base]);
  if (!(squares > 0)) return 0;
  return std::clamp(static_cast<double>(block.products[base]) / (squares + .01), 0.0, .999);
}

/// The smallest scale: by the quantum, and by rounding.
double least_scale(const Block& block) {
  const double magnitude = std::fabs(block.level);
  if (!(block.lattice.quantum > 0)) {
    return std::max(kConstantShare * magnitude, 1e-300);
  }
  // Continuous values have a quantum too small to matter.
  return std::max({kQuantumShare * block.lattice.quantum, 1e-12 * magnitude, 1e-300});
}

double deviation(const Block& block) {
  return std::max(kDeviations * block.spread, least_scale(block));
}

using Regressors = std::array<double, Forecaster::kLags + 1>;

Regressors regressors(const Block& block) {
  Regressors found{1};
  const double per_one = 1 / deviation(block);
  for (std::size_t i = 0; i < Forecaster::kLags; ++i) {
    found[i + 1] = std::clamp((block.lags[i] - block.level) * per_one, -kFarLag, kFarLag);
  }
  return found;
}

double in_range(double value) { return std::clamp(value, -kLargestValue, kLargestValue); }

/// Elapsed time in usual intervals; 1 where time says nothing.
double elapsed(const Block& block, const Moment& moment) {
  if (!(block.interval_ms > 0)) return 1;
  const double passed = static_cast<double>(moment.time_ms) - static_cast<double>(block.latest_ms);
  return std::clamp(passed / static_cast<double>(block.interval_ms), .25, 1e6);
}

void predict_candidates(const Block& block, const Moment& moment, Prediction& made) {
  using Candidate = Forecaster::Candidate;
  const bool is_gap = made.elapsed > kGap;
  made.candidates[Candidate::level] = block.level;
  made.candidates[Candidate::trend] = block.trend + kDamping * block.slope;
  made.awake = 1U << Candidate::level | 1U << Candidate::trend;
  if (block.points >= kFirstPoints) {
    double beyond = block.regression.predict(regressors(block));
    if (is_gap) beyond *= power(persistence(block, 0), made.elapsed - 1);
    made.candidates[Candidate::autoregression] = block.level + beyond * deviation(block);
    made.awake |= 1U << Candidate::autoregression;
  }
  made.bases[0] = block.level;
  if (!(block.seasons.unit > 0)) return;
  const SeasonalOffsets seasons = seasonal_offsets(block.seasons, moment);
  made.season_size = seasons.size;
  for (std::size_t season = 0; season < SeasonalOffsets::seasons; ++season) {
    if (!seasons.is_known[season]) continue;
    const std::size_t base = season + 1;
    made.bases[base] = block.anchor + seasons.offset[season];
    const double kept = persistence(block, base);
    const double error = block.errors[base] * (is_gap ? power(kept, made.elapsed) : kept);
    made.candidates[Candidate::day + season] = made.bases[base] + error;
    made.awake |= 1U << (Candidate::day + season);
  }
}

/// Those asleep have no weight, nor have those with next to none.
std::array<float, kCandidates> active_weights(const Block& block, std::uint32_t awake,
                                              double elapsed) {
  std::array<float, kCandidates> weights{};
  std::array<float, kCandidates> known = block.weights;
  if (elapsed > kGap && (awake & kSeasonal) != 0) {
    const auto kept = static_cast<float>(power(persistence(block, 0), elapsed));
    for (std::size_t i = 0; i < Forecaster::day; ++i) known[i] *= kept;
  }
  float sum = 0;
  float largest = 0;
  for (std::size_t i = 0; i < kCandidates; ++i) {
    if ((awake >> i & 1U) == 0) continue;
    weights[i] = std::max(known[i] - static_cast<float>(kLeastPart), 0.0F);
    sum += weights[i];
    largest = std::max(largest, known[i]);
  }
  if (!(sum > 0)) {
    for (std::size_t i = 0; i < kCandidates; ++i) {
      weights[i] = (awake >> i & 1U) != 0 && known[i] == largest ? 1.0F : 0.0F;
      sum += weights[i];
    }
  }
  const float scale = 1 / sum;
  for (float& weight : weights) weight *= scale;
  return weights;
}

std::array<double, Forecaster::kScales> scales(const Block& block, const Prediction& made) {
  return {block.usual, (block.usual + block.fast) / 2, block.usual * made.season_size};
}

double mixed_scale(const Block& block, const Prediction& made) {
  double scale = std::max(mixed(block.scale_weights, scales(block, made)), least_scale(block));
  if (made.elapsed > kGap) {
    const double kept = power(persistence(block, 0), 2 * made.elapsed);
    scale += (1 - kept) * std::max(0.0, block.spread - scale);
  }
  return scale;
}

void set_quantiles(const Block& block, Prediction& made) {
  double least = -kLargestValue;
  for (std::size_t i = 0; i < kQuantiles; ++i) {
    const double at = made.expected + static_cast<double>(block.quantiles[i]) * made.unit;
    least = std::max(least, in_range(at));
    made.quantiles[i] = block.lattice.snap(least, block.lags[0], made.unit);
  }
}

void start(Block& block, const Moment& moment, double value) {
  block.latest_ms = moment.time_ms;
  block.level = block.trend = block.anchor = value;
  block.lags.fill(value);
  block.quantiles = kNormalQuantiles;
  block.weights = kPriorWeights;
  block.scale_weights = kPriorScales;
  block.points = 1;
}

/// The newest of n values weighs 1 / n, and `rate` in the end.
double share_of(const Block& block, double rate, double weight) {
  return std::min(1.0, weight * std::max(1 / static_cast<double>(block.points), rate));
}

void learn_weights(Block& block, const Prediction& before, double value, double weight,
                   std::uint32_t allowed) {
  std::array<double, kCandidates> losses{};
  double mean = 0;
  double awake = 0;
  double least = kClip;
  const double per_unit = 1 / before.unit;
  for (std::size_t i = 0; i < kCandidates; ++i) {
    if (((allowed & before.awake) >> i & 1U) == 0) continue;
    losses[i] = std::min(std::fabs(value - before.candidates[i]) * per_unit, kClip);
    mean += static_cast<double>(block.weights[i]) * losses[i];
    awake += static_cast<double>(block.weights[i]);
    least = std::min(least, losses[i]);
  }
  if (!(awake > 0)) return;
  mean /= awake;
  std::array<double, kCandidates> weights{};
  for (std::size_t i = 0; i < kCandidates; ++i) {
    const bool is_awake = ((allowed & before.awake) >> i & 1U) != 0;
    const double loss = (is_awake ? losses[i] : mean) - least;
    weights[i] = static_cast<double>(block.weights[i]) * fading(kLearning * weight * loss);
  }
  share_out(weights, block.weights);
}

void learn_scales(Block& block, const Prediction& before, double size, double weight) {
  const auto candidates = scales(block, before);
  const double usual = std::max(block.usual, least_scale(block));
  std::array<double, Forecaster::kScales> weights{};
  const double seen = std::min(size / usual, 4.0);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double error = seen - std::min(candidates[i] / usual, 8.0);
    weights[i] = static_cast<double>(block.scale_weights[i]) *
                 fading(kScaleLearning * weight * std::min(error * error, 16.0) / 4);
  }
  share_out(weights, block.scale_weights);
  const double share = share_of(block, kUsualRate, weight);
  const bool is_first = block.points <= kFirstPoints;
  block.usual += share * ((is_first ? size : std::min(size, 4 * usual)) - block.usual);
  const double quick = share_of(block, kFastRate, weight);
  block.fast += quick * ((is_first ? size : std::min(size, 8 * usual)) - block.fast);
}

/// Levels move to where the last values were; that of seasons by what they do not explain.
void adopt(Block& block) {
  block.level = block.recent;
  block.trend = block.recent;
  block.slope = 0;
  block.anchor = in_range(block.anchor + block.beyond);
  block.errors.fill(0);
  block.streak = 0;
}

void learn_level(Block& block, const Prediction& before, double value, double weight) {
  const double one = deviation(block);
  const double off = value - block.level;
  const double most = block.points < 3 ? kLargestValue : kFarOff * one;
  const double share =
      std::min(1.0, share_of(block, kLevelRate, weight) * std::min(before.elapsed, kGapMost));
  block.level = in_range(block.level + share * std::clamp(off, -most, most));
  const double size = std::min(std::fabs(off), block.points < 3 ? kLargestValue : 4 * one);
  block.spread += share_of(block, kUsualRate, weight) * (size - block.spread);

  const auto side = static_cast<float>(off > most ? weight : off < -most ? -weight : 0);
  if (side == 0 || block.points < kFirstPoints) {
    block.streak = 0;
    return;
  }
  if (side * block.streak < 0) block.streak = 0;
  block.streak += side;
  const double length = std::fabs(static_cast<double>(block.streak));
  const bool is_seasonal = (before.awake & 1U << Forecaster::day) != 0;
  const double beyond = is_seasonal ? value - before.bases[1] : 0;
  const double newest = block.streak == side ? 1 : weight / length;
  block.recent = in_range(block.recent + newest * (value - block.recent));
  block.beyond = in_range(block.beyond + newest * (beyond - block.beyond));
  if (length >= static_cast<double>(kAdoption)) adopt(block);
}

void learn_trend(Block& block, const Prediction& before, double value, double weight) {
  const double predicted = before.candidates[Forecaster::trend];
  const double most = 2 * kClip * before.unit;
  const double error = std::clamp(value - predicted, -most, most);
  block.trend = in_range(predicted + share_of(block, kTrendRate, weight) * error);
  block.slope = kDamping * block.slope + weight * kSlopeRate * error;
}

void learn_regression(Block& block, const Prediction& before, double value, double weight) {
  if (block.points < 3 || before.elapsed > kGap) return;
  const Regressors known = regressors(block);
  const double one = deviation(block);
  const double z = std::clamp((value - block.level) / one, -1e6, 1e6);
  const double error = z - block.regression.predict(known);
  const double usual = std::max(before.unit / one, 1e-3);
  const double trust = weight * std::min(1.0, 3 * usual / std::max(std::fabs(error), 1e-9));
  block.regression.learn(known, std::clamp(error, -kFarLag, kFarLag), trust,
                         1 - kRegressionRate * trust);
}

void learn_errors(Block& block, const Prediction& before, double value, double weight) {
  const double share = std::max(kErrorRate, 1 / (static_cast<double>(block.points) + 8)) * weight;
  for (std::size_t base = 0; base < Forecaster::kBases; ++base) {
    const bool is_known = base == 0 || (before.awake >> (Forecaster::day + base - 1) & 1U) != 0;
    if (!is_known) continue;
    const double most = kClip * std::max(before.unit, base == 0 ? deviation(block) : 0);
    const double error = std::clamp(value - before.bases[base], -most, most);
    if (before.elapsed <= kGap) {
      const double per_unit = kClip / most;
      const double now = error * per_unit;
      const double last = std::clamp(block.errors[base] * per_unit, -kClip, kClip);
      float& product = block.products[base];
      float& square = block.squares[base];
      product += static_cast<float>(share * (now * last - static_cast<double>(product)));
      square += static_cast<float>(share * (last * last - static_cast<double>(square)));
    }
    block.errors[base] = error;
  }
}

void learn_seasons(Block& block, const Moment& moment, const Prediction& before, double value,
                   double weight) {
  if (block.points < kFirstPoints || moment.time_ms <= block.latest_ms) return;
  if (!(block.seasons.unit > 0)) {
    if (!(block.lattice.quantum > 0)) return;
    block.seasons.unit = deviation(block);
  }
  const double one = deviation(block);
  const double days =
      (static_cast<double>(moment.time_ms) - static_cast<double>(block.latest_ms)) / kDayMs;
  const double share = std::max(1 / static_cast<double>(block.points), days / kAnchorDays);
  const double off = std::clamp(value - block.anchor, -kClip * one, kClip * one);
  block.anchor = in_range(block.anchor + std::min(.5, share) * weight * off);
  learn_season(
      block.seasons, moment,
      {.offset = value - block.anchor,
       .size = std::fabs(value - before.expected) / std::max(block.usual, least_scale(block)),
       .scale = one,
       .weight = weight});
}

void learn_time(Block& block, const Moment& moment) {
  const double passed = static_cast<double>(moment.time_ms) - static_cast<double>(block.latest_ms);
  if (passed < 0) return;
  const auto usual = static_cast<double>(block.interval_ms);
  if (!(usual > 0)) {
    block.interval_ms = static_cast<float>(passed);
  } else {
    const double rate = std::max(kIntervalRate, 1 / static_cast<double>(block.points));
    block.interval_ms += static_cast<float>(rate * (std::min(passed, 8 * usual) - usual));
  }
  block.latest_ms = moment.time_ms;
}

}  // namespace

Prediction Forecaster::predict(const Block& block, const Moment& moment) const {
  Prediction made;
  if (!(block.points > 0)) return made;
  made.elapsed = elapsed(block, moment);
  predict_candidates(block, moment, made);
  const auto weights = active_weights(block, made.awake & candidates_, made.elapsed);
  // Asleep or not allowed: any other than nothing at all.
  const bool has_any = (made.awake & candidates_) != 0;
  // As distances: weights are rounded, and levels may be large.
  auto distances = made.candidates;
  for (double& each : distances) each -= block.level;
  made.expected = in_range(block.level + (has_any ? mixed(weights, distances) : 0));
  made.unit = mixed_scale(block, made);
  made.scale = kDeviations * made.unit;
  made.is_known = block.points >= kWarm;
  set_quantiles(block, made);
  return made;
}

void Forecaster::learn(Block& block, const Moment& moment, const Prediction& before, double value,
                       double weight) const {
  if (!(weight >= kLeastWeight) || !std::isfinite(value)) return;
  value = clamp_value(value);
  if (!(block.points > 0)) return start(block, moment, value);
  block.points = std::min(block.points + static_cast<float>(weight), kMostPoints);
  block.lattice.learn(block.lags[0], value);
  learn_weights(block, before, value, weight, candidates_);
  if (block.points > kFirstPoints) {
    learn_residual(block.quantiles, (value - before.expected) / before.unit,
                   static_cast<double>(block.points), weight);
  }
  learn_errors(block, before, value, weight);
  learn_regression(block, before, value, weight);
  learn_seasons(block, moment, before, value, weight);
  learn_trend(block, before, value, weight);
  learn_scales(block, before, std::fabs(value - before.expected), weight);
  learn_level(block, before, value, weight);
  block.lags = {value, block.lags[0], block.lags[1]};
  learn_time(block, moment);
}

}  // namespace tocsin
