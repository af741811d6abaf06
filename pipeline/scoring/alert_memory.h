// What an anomaly adds to what is already known.

#pragma once

#include <algorithm>

namespace tocsin {

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
