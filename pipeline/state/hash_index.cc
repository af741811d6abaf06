#include "pipeline/state/hash_index.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace tocsin {
namespace {

constexpr std::size_t kEntriesAtFirst = 64;

/// At most three quarters full: 2.5 entries are looked at for a key that is there, 8.5 for one
/// that is not (Knuth, The Art of Computer Programming 3, 6.4, algorithm L), most in one line.
std::size_t entries_for(std::size_t slots) { return slots + slots / 3 + 2; }

}  // namespace

HashIndex::HashIndex(std::size_t slots_max)
    : entries_max_(entries_for(slots_max)), entries_(std::min(entries_max_, kEntriesAtFirst)) {}

std::size_t HashIndex::bytes_for(std::size_t slots) { return entries_for(slots) * sizeof(Entry); }

void HashIndex::insert(std::uint64_t hash, SlotIndex slot) {
  if (entries_.size() < entries_max_ && entries_for(size_ + 1) > entries_.size()) grow();
  assert(size_ + 1 < entries_.size());
  place({.tag = tag_of(hash), .slot_plus_1 = slot + 1});
  ++size_;
}

void HashIndex::place(Entry entry) {
  std::size_t i = home(entry.tag);
  while (entries_[i].slot_plus_1 != 0) i = next(i);
  entries_[i] = entry;
}

void HashIndex::grow() {
  const std::vector<Entry> old =
      std::exchange(entries_, std::vector<Entry>(std::min(entries_max_, entries_.size() * 2)));
  for (const Entry& entry : old) {
    if (entry.slot_plus_1 != 0) place(entry);
  }
}

void HashIndex::erase(std::uint64_t hash, SlotIndex slot) {
  std::size_t hole = home(tag_of(hash));
  while (entries_[hole].slot_plus_1 != slot + 1) hole = next(hole);
  // Entries behind move up into the hole unless that would put them before their home.
  std::size_t i = next(hole);
  for (std::size_t gap = 1; entries_[i].slot_plus_1 != 0; i = next(i), ++gap) {
    if (distance(i) < gap) continue;
    entries_[hole] = entries_[i];
    hole = i;
    gap = 0;
  }
  entries_[hole] = {};
  --size_;
}

}  // namespace tocsin
