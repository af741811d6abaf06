// From a detector's own scale to a tail probability, by the scores of all entities of a partition.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "detectors/detector.h"

namespace tocsin {

/// Levels of probability: level k is 2^-k.
inline constexpr std::size_t kProbabilityLevels = 16;

/// Ranks a score among the recent scores of a partition; beyond the ranks, follows a fitted tail.
///
/// Up to 64 edges, each at a score that has occurred, stand about where the chance of a higher
/// score is 2^-(i/4), as deep as at least 8 scores lie beyond; between edges the probability is a
/// straight line, and what ties with an edge is counted by itself. At the last edges a
/// generalised Pareto tail takes over, fitted to everything beyond the 95 % point by probability
/// weighted moments and shrunk towards a prior shape with the weight of 100 scores; a tail known
/// from k scores is foreseen as heavier by 1/k, as its scale is estimated. Edges and tail are
/// fitted anew when the scores have grown by a quarter, at the latest every 4,096; in between they
/// stand still, so that a score's probability does not depend on its neighbours. Counts are decayed
/// to 262,144.
///
/// A score that ties with others counts as at least as strange as they: its probability is that
/// of a score as high or higher, ties included.
///
/// Probability: (0, 1]; never below 1 / (1,000 x scores counted): a tail is believed a
/// thousandfold beyond the evidence, not further.
/// Warm-up:     32 scores.
/// Memory:      2.8 KB.  Time: a search among 64 edges; a fit about every 4,096 scores.
///
/// Source: J. R. M. Hosking, J. R. Wallis, "Parameter and quantile estimation for the generalized
/// Pareto distribution", Technometrics 29 (1987), probability weighted moments. Differs: moments
/// are integrals over the edges, so that no single score, however large, moves them.
class PooledCalibrator {
 public:
  static constexpr std::size_t kFirstFit = 32;
  static constexpr std::size_t kEdgesMax = 64;

  /// A block, flat; zero bytes are a block that has seen nothing.
  struct Block;
  static std::size_t block_bytes();

  /// What the tail's shape is taken for without evidence. Of a detector's scores nothing is known:
  /// .15 is a tail somewhat heavier than exponential. Surprises, -log10 p, are exponential.
  static constexpr double kShapeOfScores = .15;
  static constexpr double kShapeOfSurprises = 0;

  explicit PooledCalibrator(Block& block, double shape_prior = kShapeOfScores)
      : block_(block), shape_prior_(shape_prior) {}

  /// The probability of a score at least as high as `score`, by what was learned before; then
  /// learns `score`, which is finite. Empty while warming up.
  std::optional<double> observe(double score);
  /// The same, and learns nothing.
  std::optional<double> judge(double score) const;

 private:
  std::size_t bin_of(double score) const;
  double probability(std::size_t bin, double score) const;
  void learn(std::size_t bin, double score);
  void fit();

  Block& block_;
  double shape_prior_;
};

struct PooledCalibrator::Block {
  std::uint64_t seen;      ///< Scores learned, ever.
  std::uint64_t next_fit;  ///< Count of `seen` at which edges and tail are fitted.
  double weight;           ///< Scores counted, after decay.
  double lowest;           ///< Since the last fit.
  double floor;            ///< The lowest probability.
  double tail_scale;
  double tail_shape;
  std::uint32_t edges;                       ///< In use. 0 before the first fit.
  std::uint32_t tail_edge;                   ///< Where the fitted tail begins.
  std::array<double, kEdgesMax> edge;        ///< Ascending. Before the first fit: the raw scores.
  std::array<double, kEdgesMax> above;       ///< P(score > edge[i]) as fitted.
  std::array<double, kEdgesMax> from;        ///< P(score >= edge[i]) as fitted.
  std::array<double, kEdgesMax> tied;        ///< Scores equal to edge[i], of those in bin i.
  std::array<double, kEdgesMax + 1> count;   ///< Bin i is (edge[i-1], edge[i]].
  std::array<double, kEdgesMax + 1> sample;  ///< The latest score in bin i.
  std::array<double, 16> top;                ///< The most recent scores of the last bin, a ring.
  std::uint64_t top_next;                    ///< Scores that ever came into the ring.
  /// Of all scores, the share whose probability reaches level k, as fitted.
  std::array<double, kProbabilityLevels> reach;
};

}  // namespace tocsin
