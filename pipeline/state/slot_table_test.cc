#include "pipeline/state/slot_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <vector>

#include "pipeline/state/slot_table_fixture.h"

namespace tocsin {
namespace {

/// What the table must hold, kept in a map; told of evictions by the table, and checks each.
struct Reference final : EvictionListener {
  void evicting(std::string_view key, ConstState payload) override {
    const auto it = count.find(std::string(key));
    ASSERT_NE(it, count.end()) << key << " is evicted but not there";
    EXPECT_EQ(number_in(payload), it->second) << key;
    count.erase(it);
    ++evictions;
  }
  std::map<std::string, std::uint64_t> count;
  std::uint64_t evictions = 0;
};

struct Mix {
  const char* name;
  std::uint64_t long_keys_of_ten;
  std::size_t bytes_max;
};
void PrintTo(const Mix& mix, std::ostream* out) { *out << mix.name; }

class SlotTableMix : public testing::TestWithParam<Mix> {};

TEST_P(SlotTableMix, AgreesWithAMapOverAMillionTouches) {
  std::mt19937_64 random(1);
  SlotTable table(kPayload, GetParam().bytes_max);
  Reference reference;

  for (std::uint64_t sequence = 1; sequence <= 1'000'000; ++sequence) {
    // Low numbers return often, high ones hardly ever.
    const std::uint64_t n = random() % (1 + random() % 20'000);
    const std::string key = n % 10 < GetParam().long_keys_of_ten ? long_key(n) : short_key(n);
    const bool expected_new = !reference.count.contains(key);

    const auto [slot, is_new, last_seen] = table.touch(key, hash_of(key), sequence, reference);

    ASSERT_EQ(is_new, expected_new) << key;
    ASSERT_EQ(table.key(slot), key);
    ASSERT_EQ(number_in(table.read(slot)), is_new ? 0 : reference.count[key]);
    put(table, slot, ++reference.count[key]);
    ASSERT_EQ(table.size(), reference.count.size());
    ASSERT_LE(table.bytes(), GetParam().bytes_max);
  }

  EXPECT_GT(reference.evictions, 100'000U);
  EXPECT_EQ(table.evictions(), reference.evictions);
  for (const auto& [key, count] : reference.count) {
    const auto slot = table.find(key, hash_of(key));
    ASSERT_TRUE(slot) << key;
    EXPECT_EQ(number_in(table.read(*slot)), count);
  }
}

INSTANTIATE_TEST_SUITE_P(Keys, SlotTableMix,
                         testing::Values(Mix{"short", 0, 200'000}, Mix{"some_long", 2, 200'000},
                                         Mix{"all_long", 10, 200'000}, Mix{"tiny", 1, 12'000}),
                         [](const auto& mix) { return mix.param.name; });

/// The eviction rule written down a second time, slowly: what SlotTable says of itself for keys
/// that stand in their slots.
class SlowTable {
 public:
  explicit SlowTable(std::size_t capacity) : capacity_(capacity) {}

  /// Returns the evicted key, or nothing.
  std::string touch(const std::string& key, std::uint64_t sequence) {
    for (Slot& slot : slots_) {
      if (slot.key != key) continue;
      if (sequence > slot.last_seen) slot.probation = false;
      slot.last_seen = sequence;
      return {};
    }
    if (slots_.size() < capacity_) {
      slots_.push_back({key, sequence, true});
      return {};
    }
    const auto on_probation = static_cast<std::size_t>(
        std::count_if(slots_.begin(), slots_.end(), [](const Slot& s) { return s.probation; }));
    std::size_t victim = 0;
    if (on_probation >= std::max<std::size_t>(capacity_ / 10, 1)) {
      victim = next(true, probation_hand_);
    } else {
      victim = next(false, promoted_hand_);
      for (int i = 1; i < 16; ++i) {
        const std::size_t other = next(false, promoted_hand_);
        if (slots_[other].last_seen < slots_[victim].last_seen) victim = other;
      }
    }
    std::string evicted = slots_[victim].key;
    slots_[victim] = {key, sequence, true};
    return evicted;
  }

 private:
  struct Slot {
    std::string key;
    std::uint64_t last_seen = 0;
    bool probation = true;
  };
  std::size_t next(bool probation, std::size_t& hand) const {
    while (slots_[hand % capacity_].probation != probation) ++hand;
    return hand++ % capacity_;
  }

  std::size_t capacity_;
  std::vector<Slot> slots_;
  std::size_t probation_hand_ = 0;
  std::size_t promoted_hand_ = 0;
};

TEST(SlotTable, EvictsWhatItsRuleSays) {
  std::mt19937_64 random(2);
  Counting fast(40'000);
  SlowTable slow(fast.table.capacity());
  std::vector<std::string> expected;

  for (int i = 0; i < 200'000; ++i) {
    const std::string key = short_key(random() % (1 + random() % 1000));
    fast.touch(key);
    if (std::string evicted = slow.touch(key, fast.sequence); !evicted.empty()) {
      expected.push_back(std::move(evicted));
    }
  }

  EXPECT_GT(expected.size(), 10'000U);
  EXPECT_EQ(fast.evicted, expected);
}

TEST(SlotTable, AScanOfAMillionKeysSeenOnceEvictsNoneThatReturns) {
  Counting it(1'000'000);
  const std::uint64_t returning = it.table.capacity() * 8 / 10;
  for (int round = 0; round < 2; ++round) {
    for (std::uint64_t n = 0; n < returning; ++n) it.touch(short_key(n));
  }

  for (std::uint64_t n = 0; n < 1'000'000; ++n) it.touch("scan-" + std::to_string(n));

  for (std::uint64_t n = 0; n < returning; ++n) ASSERT_TRUE(it.has(short_key(n))) << n;
  EXPECT_GT(it.evicted.size(), 990'000U);
}

TEST(SlotTable, ANewcomerThatReturnsDuringAScanIsKept) {
  Counting it(1'000'000);
  const std::uint64_t capacity = it.table.capacity();
  for (int round = 0; round < 2; ++round) {
    for (std::uint64_t n = 0; n < capacity; ++n) it.touch(short_key(n));
  }
  std::uint64_t scanned = 0;
  const auto scan = [&](std::uint64_t keys) {
    for (std::uint64_t end = scanned + keys; scanned < end; ++scanned) {
      it.touch("scan-" + std::to_string(scanned));
    }
  };
  scan(capacity);

  it.touch("newcomer");
  scan(capacity / 50);
  it.touch("newcomer");
  scan(capacity * 10);

  EXPECT_TRUE(it.has("newcomer"));
}

TEST(SlotTable, KeysThatFellSilentMakeRoomForThoseThatReturn) {
  Counting it(300'000);
  const std::uint64_t capacity = it.table.capacity();
  for (int round = 0; round < 2; ++round) {
    for (std::uint64_t n = 0; n < capacity; ++n) it.touch("old-" + std::to_string(n));
  }

  // A few new keys at a time return; together they are nearly as many as the table holds.
  const std::uint64_t fresh = capacity * 8 / 10;
  for (std::uint64_t n = 0; n < fresh; ++n) {
    it.touch(short_key(n));
    it.touch(short_key(n));
  }

  std::uint64_t kept = 0;
  for (std::uint64_t n = 0; n < fresh; ++n) kept += it.has(short_key(n)) ? 1U : 0U;
  EXPECT_GT(kept, fresh * 95 / 100);
}

TEST(SlotTable, SeeingAKeyTwiceAtOneSequenceIsSeeingItOnce) {
  Counting it(1'000'000);
  Silent silent;
  const std::string key = "twice";
  it.table.touch(key, hash_of(key), 5, silent);
  it.table.touch(key, hash_of(key), 5, silent);
  it.sequence = 5;

  for (std::uint64_t n = 0; n < it.table.capacity() * 3; ++n) it.touch(short_key(n));

  EXPECT_FALSE(it.has(key));
}

TEST(SlotTable, FindDoesNotCreateOrPromote) {
  Counting it(100'000);
  it.touch("once");

  for (int i = 0; i < 10; ++i) EXPECT_TRUE(it.has("once"));
  EXPECT_FALSE(it.has("never"));
  EXPECT_EQ(it.table.size(), 1U);
  for (std::uint64_t n = 0; n < it.table.capacity() * 3; ++n) it.touch(short_key(n));

  EXPECT_FALSE(it.has("once"));
}

TEST(SlotTable, KeepsKeysApartThatHaveTheSameHash) {
  SlotTable table(kPayload, 100'000);
  Silent silent;
  const std::vector<std::string> keys{"a", "b", "ab", "", long_key(1), long_key(2)};

  for (std::uint64_t i = 0; i < keys.size(); ++i) {
    put(table, table.touch(keys[i], 42, i + 1, silent).slot, i);
  }

  for (std::uint64_t i = 0; i < keys.size(); ++i) {
    const auto slot = table.find(keys[i], 42);
    ASSERT_TRUE(slot);
    EXPECT_EQ(table.key(*slot), keys[i]);
    EXPECT_EQ(number_in(table.read(*slot)), i);
  }
}

TEST(SlotTable, HoldsKeysOfEveryLength) {
  SlotTable table(kPayload, 1'000'000);
  Silent silent;

  for (std::size_t length = 0; length <= kKeyMaxBytes; ++length) {
    const std::string key(length, 'k');
    EXPECT_EQ(table.key(table.touch(key, hash_of(key), length + 1, silent).slot), key);
  }

  EXPECT_EQ(table.size(), kKeyMaxBytes + 1);
}

TEST(SlotTable, TellsWhenAKeyWasSeenBefore) {
  SlotTable table(kPayload, 20'000);
  Silent silent;
  table.touch("a", hash_of("a"), 3, silent);

  EXPECT_EQ(table.touch("a", hash_of("a"), 7, silent).last_seen, 3U);
  EXPECT_EQ(table.touch("a", hash_of("a"), 8, silent).last_seen, 7U);
}

TEST(SlotTable, ANewPayloadIsZeroAlsoAfterAnEviction) {
  SlotTable table(kPayload, 20'000);
  Silent silent;

  for (std::uint64_t n = 1; n < 1000; ++n) {
    const std::string key = short_key(n);
    const auto [slot, is_new, last_seen] = table.touch(key, hash_of(key), n, silent);
    ASSERT_TRUE(is_new);
    ASSERT_EQ(last_seen, n);
    for (const std::byte byte : table.read(slot)) ASSERT_EQ(byte, std::byte{0});
    std::ranges::fill(table.write(slot), std::byte{255});
  }
}

TEST(SlotTable, PayloadsAreAlignedToACacheLine) {
  SlotTable table(8, 100'000);
  Silent silent;

  for (std::uint64_t n = 1; n < 300; ++n) {
    const auto slot = table.touch(short_key(n), hash_of(short_key(n)), n, silent).slot;
    ASSERT_EQ(reinterpret_cast<std::uintptr_t>(table.read(slot).data()) % 64, 0U);
  }
}

TEST(SlotTable, FillsTheCapacityItStatesWithinItsBudget) {
  for (const std::size_t bytes_max : {10'000U, 50'000U, 300'000U, 5'000'000U}) {
    Counting it(bytes_max);
    ASSERT_EQ(it.table.capacity(), SlotTable::capacity_for(kPayload, bytes_max));

    for (std::uint64_t n = 0; n < it.table.capacity(); ++n) it.touch(short_key(n));

    EXPECT_TRUE(it.evicted.empty());
    EXPECT_EQ(it.table.size(), it.table.capacity());
    EXPECT_LE(it.table.bytes(), bytes_max);
    it.touch("one more");
    EXPECT_EQ(it.evicted.size(), 1U);
  }
}

TEST(SlotTable, StatesTheCostOfASlotHonestly) {
  const std::size_t bytes_max = 64U << 20U;
  const std::size_t per_slot = bytes_max / SlotTable::capacity_for(kPayload, bytes_max);

  // The rest is the reserve for long keys: one cell for 16 slots.
  EXPECT_LE(per_slot, SlotTable::slot_bytes_for(kPayload) + SlotTable::kIndexBytesPerSlot + 9);
}

TEST(SlotTable, ABudgetTooSmallForAnythingHoldsOneKey) {
  Counting it(1);
  EXPECT_EQ(it.table.capacity(), 1U);

  for (std::uint64_t n = 0; n < 10; ++n) {
    EXPECT_TRUE(it.touch(n % 2 == 0 ? short_key(n) : long_key(n)));
    EXPECT_FALSE(it.touch(n % 2 == 0 ? short_key(n) : long_key(n)));
  }

  EXPECT_EQ(it.table.size(), 1U);
  EXPECT_EQ(it.evicted.size(), 9U);
}

TEST(SlotTable, LongKeysFindRoomInATableFullOfShortOnes) {
  Counting it(200'000);
  for (int round = 0; round < 2; ++round) {
    for (std::uint64_t n = 0; n < it.table.capacity(); ++n) it.touch(short_key(n));
  }

  for (std::uint64_t n = 0; n < 10'000; ++n) {
    it.touch(long_key(n));
    ASSERT_FALSE(it.touch(long_key(n)));
    ASSERT_LE(it.table.bytes(), 200'000U);
  }
}

}  // namespace
}  // namespace tocsin
