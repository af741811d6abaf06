// What an event may teach, and what an anomaly adds to what is already known.

#pragma once

#include <algorithm>
#include <cstdint>

#include "pipeline/scoring/outcome.h"

namespace tocsin {

/// Lets normal events teach an entity's detectors in full and anomalies with a tenth of that,
/// until 64 anomalies in a row say that this is the new normal: then it is adopted, in full.
///
/// Models that entities share, and calibrators, learn everything in full: one entity's anomaly is
/// a small part of what they see.
class LearningPolicy {
 public:
  static constexpr double kAnomalyWeight = .1;
  static constexpr std::uint16_t kAdoptAfter = 64;

  /// Flat; zero bytes are an entity that has seen nothing.
  struct Block {
    std::uint16_t streak;  ///< Anomalies in a row.
  };
  struct Decision {
    Learning learning = Learning::learned;
    double weight = 1;
  };

  /// Events may be missing: what comes does not follow on what came.
  static void interrupt(Block& block) { block.streak = 0; }
  static Decision decide(Block& block, bool is_anomaly) {
    if (!is_anomaly) {
      block.streak = 0;
      return {};
    }
    if (block.streak < kAdoptAfter) ++block.streak;
    if (block.streak == kAdoptAfter) return {.learning = Learning::adopted};
    return {.learning = Learning::weighted, .weight = kAnomalyWeight};
  }
};

/// Remembers how strange an entity has just been: what goes on is no news.
///
/// The memory holds the greatest strength of late, which loses a two-hundredth of itself with each
/// event of the entity, and is cleared when its incident has recovered or been quiet for an hour.
/// An event that is stronger than what is remembered counts in full, any other by half.
class AlertMemory {
 public:
  static constexpr double kKeep = 1 - 1.0 / 200;
  static constexpr double kDiscount = .5;

  /// Flat; zero bytes are an entity without memory.
  struct Block {
    double remembered;
  };

  /// What an event of that strength adds to what is known, >= 0; then remembers it.
  static double discount(Block& block, double strength) {
    block.remembered *= kKeep;
    const bool is_stronger = strength > block.remembered;
    block.remembered = std::max(block.remembered, strength);
    return is_stronger ? strength : kDiscount * strength;
  }
  static void clear(Block& block) { block.remembered = 0; }
};

}  // namespace tocsin
