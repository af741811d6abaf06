// The interface of all detectors.
//
// A detector is a pure function of a block of bytes and a point. It is built once for a
// configuration, owns no memory of what it has seen, and is shared by all threads; what it has
// learned about one entity (or one stream, or one group) is a block of `state_bytes()` bytes
// which the pipeline keeps, copies, snapshots and restores without knowing what is inside.

#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>

namespace tocsin {

using State = std::span<std::byte>;
using ConstState = std::span<const std::byte>;

/// Up to this many features fit one point: `present` has a bit for each.
inline constexpr int kMaxDimensions = 64;

/// Lessons that weigh less are none: they would be lost in the rounding of what counts weights.
inline constexpr double kLeastWeight = 1e-6;

/// What was expected of one feature before its value came, and how far off values usually are.
struct Forecast {
  double expected = 0;
  double scale = 0;  ///< One robust standard deviation; 0: there is no forecast (yet).
  double lower = 0;  ///< 99 of 100 values are in [lower, upper].
  double upper = 0;
};

/// One event as detectors see it: transformed feature values, and when it happened.
struct Point {
  std::span<const double> values;  ///< [dimensions]; 0 where the feature is absent.
  std::uint64_t present = 0;       ///< Bit i is set where feature i has a value.
  std::int64_t time_ms = 0;        ///< Event time, milliseconds since 1970, UTC.

  /// Events before it may be missing: that there were none for a while is known from then on only.
  std::int64_t known_since_ms = std::numeric_limits<std::int64_t>::min();

  /// [dimensions], or empty where nothing is forecast.
  std::span<const Forecast> forecasts = {};

  bool has(int dimension) const { return (present >> dimension & 1U) != 0; }
  /// Of the forecast; 0: there is none.
  double scale_of(std::size_t dimension) const {
    return forecasts.empty() ? 0 : forecasts[dimension].scale;
  }
};

/// What a detector took for normal just before a point, in the units of the feature.
struct Expectation {
  double expected = 0;
  double lower = 0;  ///< Values in [lower, upper] would not have been strange.
  double upper = 0;
};

/// A periodic recomputation of a part of a model from a frozen sample inside its block.
///
/// At a fixed count of learned events `learn` freezes the sample and records at which later
/// count the result is adopted. Both are in the block, so a snapshot taken in between resumes
/// with the same job. `run` is pure and happens on another thread; the owner of the block calls
/// `adopt` when the count has come, waiting for the job if it must. Thus neither the speed of
/// the job nor a restart can change a score.
class Refit {
 public:
  virtual ~Refit() = default;

  /// Where a block stands.
  enum class Phase {
    none,     ///< Nothing to do.
    running,  ///< A sample is frozen: a job should be under way.
    due,      ///< The result must be adopted before the next point is scored or learned.
  };
  virtual Phase phase(ConstState state) const = 0;

  /// Size of a result, fixed for a configuration. Results are aligned to 8 at least.
  virtual std::size_t result_bytes() const = 0;

  /// Computes the result from a copy of the block. Pure: same block, same bytes, anywhere.
  virtual void run(ConstState block, std::span<std::byte> result) const = 0;

  /// Takes the result over; the phase is then `none`.
  virtual void adopt(State state, std::span<const std::byte> result) const = 0;
};

/// Scores how strange a point is against what its block has learned.
///
/// Threads: immutable after construction; may be called from all threads on different blocks.
class Detector {
 public:
  explicit Detector(int dimensions) : dimensions_(dimensions) {}
  virtual ~Detector() = default;
  Detector(const Detector&) = delete;
  Detector& operator=(const Detector&) = delete;

  int dimensions() const { return dimensions_; }

  /// Size of a block: fixed for a configuration, a multiple of 8. Blocks are aligned to 8 and
  /// hold no pointers: copying the bytes copies the model.
  virtual std::size_t state_bytes() const = 0;

  /// Makes `state` a block that has seen nothing. Every byte is written.
  virtual void start(State state) const = 0;

  /// The strangeness of `point`, on the detector's own scale, finite, higher is stranger; empty
  /// while warming up. A point of other dimensions, or with a present value that is not finite,
  /// is refused: no score.
  std::optional<double> score(ConstState state, const Point& point) const {
    if (!admits(point)) return std::nullopt;
    return score_admitted(state, point);
  }

  /// The same of each feature by itself, where the kind goes `feature_by_feature`: writes those
  /// that have a score, none below 0, and returns which; `score` is the largest. `scores` is
  /// [dimensions].
  std::uint64_t score_each(ConstState state, const Point& point, std::span<double> scores) const {
    return admits(point) ? score_each_admitted(state, point, scores) : 0;
  }

  /// Learns `point` with `weight` in [0, 1], the learning policy's decision. What `score`
  /// refuses is refused here too: the block stays as it is.
  void learn(State state, const Point& point, double weight) const {
    if (admits(point)) learn_admitted(state, point, weight);
  }

  /// Writes for each feature its share of the strangeness of `point`; the shares sum to 1.
  /// Called for anomalies, and for records of full detail. `shares` is [dimensions].
  void explain(ConstState state, const Point& point, std::span<double> shares) const;

  /// What was expected of one feature; empty where this detector has no such notion, or no
  /// evidence yet.
  virtual std::optional<Expectation> expectation(ConstState state, int dimension) const;

  /// Its refit, or null where nothing is ever refitted.
  virtual const Refit* refit() const { return nullptr; }

 private:
  bool admits(const Point& point) const;

  virtual std::optional<double> score_admitted(ConstState state, const Point& point) const = 0;
  virtual std::uint64_t score_each_admitted(ConstState /*state*/, const Point& /*point*/,
                                            std::span<double> /*scores*/) const {
    return 0;
  }
  virtual void learn_admitted(State state, const Point& point, double weight) const = 0;
  /// Fills `shares` with weights >= 0, not all 0 unless nothing can be said; `explain` scales them.
  virtual void weigh(ConstState state, const Point& point, std::span<double> shares) const = 0;

  int dimensions_;
};

}  // namespace tocsin
