#include "pipeline/state/slot_classes.h"

#include <bit>
#include <cassert>

namespace tocsin {

void SlotClasses::set(SlotIndex slot, Class value) {
  assert(slot <= size_);
  if (slot == size_) {
    ++size_;
    if (slot % 64 == 0) {
      probation_.push_back(0);
      long_key_.push_back(0);
    }
  } else {
    const Class old = get(slot);
    --counts_[old.probation ? 1 : 0][old.long_key ? 1 : 0];
  }
  ++counts_[value.probation ? 1 : 0][value.long_key ? 1 : 0];
  const std::uint64_t bit = std::uint64_t{1} << (slot % 64);
  std::uint64_t& probation = probation_[slot / 64];
  std::uint64_t& long_key = long_key_[slot / 64];
  probation = value.probation ? probation | bit : probation & ~bit;
  long_key = value.long_key ? long_key | bit : long_key & ~bit;
}

std::size_t SlotClasses::count(bool probation, Keys keys) const {
  const std::size_t* of = counts_[probation ? 1 : 0];
  return keys == Keys::long_only ? of[1] : of[0] + of[1];
}

std::uint64_t SlotClasses::word(bool probation, Keys keys, std::size_t index) const {
  std::uint64_t bits = probation ? probation_[index] : ~probation_[index];
  if (keys == Keys::long_only) bits &= long_key_[index];
  const std::size_t left = size_ - index * 64;
  return left >= 64 ? bits : bits & ((std::uint64_t{1} << left) - 1);
}

SlotIndex SlotClasses::next(bool probation, Keys keys, SlotIndex from) const {
  assert(count(probation, keys) > 0);
  if (from >= size_) from = 0;
  std::size_t index = from / 64;
  std::uint64_t bits = word(probation, keys, index) & (~std::uint64_t{0} << (from % 64));
  while (bits == 0) {
    index = index + 1 == probation_.size() ? 0 : index + 1;
    bits = word(probation, keys, index);
  }
  return static_cast<SlotIndex>(index * 64 + static_cast<std::size_t>(std::countr_zero(bits)));
}

}  // namespace tocsin
