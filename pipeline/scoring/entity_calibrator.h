// A partition's probability made an entity's own, by the entity's own scores.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "pipeline/scoring/pooled_calibrator.h"

namespace tocsin {

/// Corrects the pooled probability of a score by how often this entity's own scores have been
/// that strange.
///
/// Counts how many scores of the entity reached each level of pooled probability (2^-k). From
/// level to level, the entity's own share of scores that go on is shrunk towards the pool's share
/// with the weight of as many of the pool's scores as hold 4 that go on (8 where half of them do,
/// 400 where one in a hundred does), and the shares multiply. So an entity without history has the
/// pool's probabilities, a noisier one gets higher ones, a quieter one lower ones, but not for not
/// having had yet what is rare; and beyond the levels that it has evidence for, it has the pool's
/// tail, scaled.
///
/// Memory: 32 bytes.  Time: O(level), about 2.
///
/// Source: M. Lavine, "Some aspects of Polya tree distributions for statistical modelling",
/// Annals of Statistics 20 (1992): a one-sided Polya tree centred on the pool. Differs: the
/// weight is that of as many scores that go on at all levels, and counts are halved when they reach
/// 4,096.
class EntityCalibrator {
 public:
  /// A block, flat; zero bytes are a block that has seen nothing.
  struct Block {
    /// Scores whose pooled probability was at most 2^-k; [0] counts all.
    std::array<std::uint16_t, kProbabilityLevels> reached;
  };

  /// The entity's probability for a score of pooled probability `pooled`, by what was learned
  /// before; then learns it. `reach` is the pool's share of scores that reach each level.
  static double observe(Block& block, double pooled,
                        const std::array<double, kProbabilityLevels>& reach);

  static double evidence(const Block& block) { return block.reached[0]; }
};

}  // namespace tocsin
