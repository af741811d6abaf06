// What value is expected of one feature next, and how far off it may be.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "detectors/forecast/lattice.h"
#include "detectors/forecast/seasons.h"
#include "detectors/recursive_least_squares.h"

namespace tocsin {

/// A prediction of the next value, made before it is known.
struct Prediction {
  /// Probabilities of the quantiles: intervals of .99, .9 and .5, and the median.
  static constexpr std::array<double, 7> kProbabilities{.005, .05, .25, .5, .75, .95, .995};
  static constexpr std::size_t kCandidates = 6;

  bool is_known = false;  ///< Else nothing below means anything: too few values were seen.
  double expected = 0;
  double scale = 0;                                       ///< One robust standard deviation, > 0.
  std::array<double, kProbabilities.size()> quantiles{};  ///< Ascending.

  // For `learn`, of the same block:
  std::array<double, kCandidates> candidates{};
  std::array<double, 4> bases{};  ///< Of level, day, day by weekend and week, as they are.
  std::uint32_t awake = 0;        ///< Bit by candidate.
  double elapsed = 1;             ///< Since the last value, in usual intervals.
  double unit = 0;                ///< Mean size of residuals.
  double season_size = 1;
};

/// An online forecast of one feature of one entity.
///
/// Six candidates are mixed: a level; a level with a damped trend; an autoregression on the last
/// three values; and the profiles of a day, of a day by kind (working day or weekend) and of a
/// week, each with autoregressive errors of order one. Weights fall exponentially with a
/// candidate's loss (absolute error, clipped), and a hundredth of all weight is shared out again
/// with every event, so that no candidate is ever lost. One that cannot say anything yet takes
/// part neither in the mixture nor in the losses.
///
/// Residuals have a conditional scale: a mixture, weighted likewise, of their usual size, their
/// recent size and the size that is usual at this hour. Seven quantiles of residuals over that
/// scale are followed by stochastic approximation, which makes the intervals true in the long run
/// whatever the distribution. Where values lie on a lattice, or one value comes again and again,
/// quantiles do too (`Lattice`).
///
/// Memory that fades does so in event time: a value after a gap of n usual intervals counts as n
/// for the level, up to 8, and for autoregressive errors. Errors count within six scales, so an
/// outlier moves nothing far; a level is adopted after twelve values in a row far off on one side.
/// After a gap, those that only know the last values count as far as these still say something.
/// Time that stands still or goes back teaches the seasons nothing.
///
/// Memory: 1,088 bytes.  Time: O(1), no allocation; about 400 ns to predict and learn.
///
/// Sources: M. Herbster and M. Warmuth, "Tracking the best expert", Machine Learning 32 (1998),
/// fixed share, with the mean loss for those asleep as in Y. Freund et al., "Using and combining
/// predictors that specialize", STOC 1997; H. Robbins and S. Monro, "A stochastic approximation
/// method", Annals of Mathematical Statistics 22 (1951), for quantiles; E. Gardner, "Exponential
/// smoothing: the state of the art", Journal of Forecasting 4 (1985), section 3, the damped trend.
class Forecaster {
 public:
  enum Candidate : std::size_t { level, trend, autoregression, day, day_by_weekend, week };
  static constexpr std::uint32_t kAll = (1U << Prediction::kCandidates) - 1;
  static constexpr std::size_t kLags = 3;
  static constexpr std::size_t kBases = 4;
  static constexpr std::size_t kScales = 3;

  /// All zeros: has seen nothing.
  struct Block {
    std::int64_t latest_ms;
    double level;
    double recent, beyond;  // means over the streak: of values, and of what seasons do not explain
    double trend, slope;
    double anchor;               // what seasonal offsets are from
    double usual, fast, spread;  // mean sizes: of residuals, lately, and of what the level leaves
    std::array<double, kLags> lags;     // the latest first
    std::array<double, kBases> errors;  // of the bases, last time
    RecursiveLeastSquares<kLags + 1> regression;
    Lattice lattice;
    Seasons seasons;
    std::array<float, kBases> products, squares;  // of a base's errors, one after the other
    std::array<float, Prediction::kCandidates> weights;
    std::array<float, kScales> scale_weights;
    std::array<float, Prediction::kProbabilities.size()> quantiles;
    float interval_ms;  // the usual one between values
    float points;
    float streak;  // weight of values in a row that were far off on one side; < 0: below
    float reserved;
  };

  /// `candidates` are mixed, others never (a benchmark compares them).
  explicit Forecaster(std::uint32_t candidates = kAll) : candidates_(candidates) {}

  /// A pure function of the block.
  Prediction predict(const Block& block, const Moment& moment) const;

  /// Learns a value with `weight` in [0, 1]; 0 teaches nothing. `before` is the prediction that
  /// the block made at this moment.
  void learn(Block& block, const Moment& moment, const Prediction& before, double value,
             double weight) const;

 private:
  std::uint32_t candidates_;
};
static_assert(sizeof(Forecaster::Block) % 8 == 0);

}  // namespace tocsin
