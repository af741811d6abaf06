// What a partition knows of the last gap in its input.

#pragma once

#include <cstdint>
#include <limits>

namespace tocsin {

/// A gap: records that should have come here were gone. Nothing is known of what they said, nor of
/// the time that they were of, so whatever takes absence for evidence begins to count again where
/// the input goes on.
///
/// Time is known again from the first event on that moves the partition's clock. Until then, while
/// only late events come, it is not known since when.
class InputGap {
 public:
  /// Flat; zero bytes are an input without a gap.
  struct Block {
    std::uint64_t sequence;       ///< Records handled before the gap; 0: there is none.
    std::int64_t known_since_ms;  ///< Event time from which on all is known again; or kNotYet.
  };
  static constexpr std::int64_t kNotYet = std::numeric_limits<std::int64_t>::max();
  static constexpr std::int64_t kAlways = std::numeric_limits<std::int64_t>::min();

  explicit InputGap(Block& block) : block_(block) {}

  /// What comes after so many records does not follow on them. After none there is nothing to lose.
  void note(std::uint64_t sequence) {
    if (sequence > 0) block_ = {.sequence = sequence, .known_since_ms = kNotYet};
  }
  /// An event comes, and the partition's clock stands where it stood before.
  void pass(std::int64_t time_ms, std::int64_t clock_ms) {
    if (block_.known_since_ms == kNotYet && time_ms > clock_ms) block_.known_since_ms = time_ms;
  }

  /// Whether the gap lies between the record of that sequence and the one at hand.
  bool is_since(std::uint64_t sequence) const {
    return block_.sequence != 0 && sequence <= block_.sequence;
  }
  /// Event time from which on no record is missing; kAlways, or kNotYet.
  std::int64_t known_since_ms() const {
    return block_.sequence == 0 ? kAlways : block_.known_since_ms;
  }

 private:
  Block& block_;
};

}  // namespace tocsin
