#include "pipeline/state/hash_index.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace tocsin {
namespace {

/// Inserts, erases and looks up against a map; hashes come from `draw`.
template <class Draw>
void compare_with_map(const Draw& draw, std::size_t slots_max, int operations) {
  std::mt19937_64 random(11);
  HashIndex index(slots_max);
  std::map<SlotIndex, std::uint64_t> reference;
  for (int i = 0; i < operations; ++i) {
    const auto slot = static_cast<SlotIndex>(random() % slots_max);
    const auto it = reference.find(slot);
    if (it == reference.end()) {
      const std::uint64_t hash = draw(random);
      index.insert(hash, slot);
      reference[slot] = hash;
    } else if (random() % 2 == 0) {
      index.erase(it->second, slot);
      ASSERT_FALSE(index.find(it->second, [&](SlotIndex s) { return s == slot; }));
      reference.erase(it);
    }
    if (i % 1000 != 0) continue;
    for (const auto& entry : reference) {
      const auto is_it = [&](SlotIndex found) { return found == entry.first; };
      ASSERT_EQ(index.find(entry.second, is_it), entry.first);
    }
  }
}

TEST(HashIndex, AgreesWithAMapWhileItGrowsFillsAndEmpties) {
  compare_with_map([](auto& random) { return random(); }, 3000, 200'000);
}

TEST(HashIndex, AgreesWithAMapWhenHashesCollideAndClustersRunRoundTheEnd) {
  compare_with_map([](auto& random) { return ~(random() % 5 << 29U); }, 300, 50'000);
}

TEST(HashIndex, TakesNoMoreThanItPromises) {
  HashIndex index(100'000);
  std::mt19937_64 random(3);

  for (SlotIndex i = 0; i < 100'000; ++i) {
    index.insert(random(), i);
    ASSERT_LE(index.bytes(), HashIndex::bytes_for(100'000));
  }

  EXPECT_EQ(index.bytes(), HashIndex::bytes_for(100'000));
}

TEST(HashIndex, IsSmallWhileThereIsLittleInIt) {
  HashIndex index(10'000'000);

  for (SlotIndex i = 0; i < 1000; ++i) index.insert(std::uint64_t{i} << 54U, i);

  EXPECT_LE(index.bytes(), 32'768U);
}

}  // namespace
}  // namespace tocsin
