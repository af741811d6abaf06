// An index from hashes to slots that grows without a stall.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "pipeline/state/chunk_store.h"

namespace tocsin {

/// Open addressing with linear probing, 8 bytes an entry: a slot, and the upper half of its
/// key's hash. The home of an entry is that half scaled to the number of entries, so that homes
/// are in the order of hashes: growing is one pass over the old entries that writes the new ones
/// from front to back (at a million keys about 10 ms), and any number of entries will do.
///
/// Distinct keys may have one hash: `find` asks which slot is meant.
class HashIndex {
 public:
  /// Room for `slots_max` slots in the end; memory comes as they do.
  explicit HashIndex(std::size_t slots_max);

  /// The first slot under `hash` for which `is_it(slot)` holds.
  template <class IsIt>
  std::optional<SlotIndex> find(std::uint64_t hash, const IsIt& is_it) const {
    const std::uint32_t tag = tag_of(hash);
    for (std::size_t i = home(tag); entries_[i].slot_plus_1 != 0; i = next(i)) {
      if (entries_[i].tag != tag) continue;
      const SlotIndex slot = entries_[i].slot_plus_1 - 1;
      if (is_it(slot)) return slot;
    }
    return std::nullopt;
  }

  void insert(std::uint64_t hash, SlotIndex slot);
  /// `slot` is there, under `hash`.
  void erase(std::uint64_t hash, SlotIndex slot);

  void prefetch(std::uint64_t hash) const { __builtin_prefetch(&entries_[home(tag_of(hash))]); }

  std::size_t bytes() const { return entries_.size() * sizeof(Entry); }
  /// What the index of `slots` slots takes when it has grown.
  static std::size_t bytes_for(std::size_t slots);

 private:
  struct Entry {
    std::uint32_t tag = 0;
    std::uint32_t slot_plus_1 = 0;  // 0: empty
  };

  static std::uint32_t tag_of(std::uint64_t hash) {
    return static_cast<std::uint32_t>(hash >> 32U);
  }
  std::size_t home(std::uint32_t tag) const {
    return static_cast<std::size_t>((std::uint64_t{tag} * entries_.size()) >> 32U);
  }
  std::size_t next(std::size_t i) const { return i + 1 == entries_.size() ? 0 : i + 1; }
  /// How far `i` is from the home of what it holds.
  std::size_t distance(std::size_t i) const {
    const std::size_t from = home(entries_[i].tag);
    return i >= from ? i - from : i + entries_.size() - from;
  }
  void grow();
  void place(Entry entry);

  std::size_t entries_max_;
  std::size_t size_ = 0;
  std::vector<Entry> entries_;
};

}  // namespace tocsin
