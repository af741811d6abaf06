// Which slots are on probation, and which hold a long key: two bits a slot.

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "pipeline/state/chunk_store.h"

namespace tocsin {

/// What eviction has to know of a slot without looking at it. It can be rebuilt from the slots.
class SlotClasses {
 public:
  struct Class {
    bool probation = false;
    bool long_key = false;
  };
  enum class Keys : std::uint8_t { any, long_only };

  /// Sets the class of a slot, which may be one past the last.
  void set(SlotIndex slot, Class value);
  Class get(SlotIndex slot) const {
    return {.probation = has(probation_, slot), .long_key = has(long_key_, slot)};
  }

  /// Slots that are (or are not) on probation.
  std::size_t count(bool probation, Keys keys) const;

  /// The first slot at or after `from`, round the end, of those counted by `count`; there is one.
  SlotIndex next(bool probation, Keys keys, SlotIndex from) const;

  std::size_t bytes() const { return bytes_for(size_); }
  static std::size_t bytes_for(std::size_t slots) { return (slots + 63) / 64 * 16; }

 private:
  static bool has(const std::vector<std::uint64_t>& bits, SlotIndex slot) {
    return (bits[slot / 64] >> (slot % 64) & 1U) != 0;
  }
  std::uint64_t word(bool probation, Keys keys, std::size_t index) const;

  std::size_t size_ = 0;
  std::vector<std::uint64_t> probation_;  // [slots / 64]
  std::vector<std::uint64_t> long_key_;   // [slots / 64]
  std::size_t counts_[2][2] = {};         // [probation][long key]
};

}  // namespace tocsin
