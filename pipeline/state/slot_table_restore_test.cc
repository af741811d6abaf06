// Saving and restoring of a slot table.

#include <gtest/gtest.h>

#include <random>

#include "pipeline/state/slot_table.h"
#include "pipeline/state/slot_table_fixture.h"

namespace tocsin {
namespace {

void play(Counting& it, std::uint64_t seed, int touches) {
  std::mt19937_64 random(seed);
  for (int i = 0; i < touches; ++i) {
    const std::uint64_t n = random() % (1 + random() % 5000);
    it.touch(n % 7 == 0 ? long_key(n) : short_key(n));
  }
}

TEST(SlotTable, EqualHistoriesGiveEqualBytesAndEvictions) {
  Counting one(100'000);
  Counting two(100'000);

  play(one, 5, 50'000);
  play(two, 5, 50'000);

  EXPECT_EQ(one.saved(), two.saved());
  EXPECT_EQ(one.evicted, two.evicted);
}

TEST(SlotTable, ARestoredTableHasTheSameBytesAndTheSameFuture) {
  for (const int before : {0, 10, 300, 50'000}) {
    Counting one(100'000);
    Counting two(100'000);
    play(one, 5, before);
    two.sequence = one.sequence;

    const auto restored = two.table.restore(one.saved());

    ASSERT_TRUE(restored) << restored.error().message;
    ASSERT_EQ(one.saved(), two.saved());
    one.evicted.clear();
    play(one, 6, 50'000);
    play(two, 6, 50'000);
    EXPECT_EQ(one.saved(), two.saved());
    EXPECT_EQ(one.evicted, two.evicted);
  }
}

TEST(SlotTable, RestoreReplacesWhatWasThere) {
  Counting one(100'000);
  Counting two(100'000);
  one.touch("mine");
  two.touch("theirs");

  ASSERT_TRUE(two.table.restore(one.saved()));

  EXPECT_TRUE(two.has("mine"));
  EXPECT_FALSE(two.has("theirs"));
}

class DamagedState : public testing::Test {
 protected:
  DamagedState() : it_(100'000) {
    play(it_, 5, 2000);
    good_ = it_.saved();
  }
  /// The message for `bytes`, having seen that nothing changed.
  std::string refusal(const std::string& bytes) {
    const auto restored = it_.table.restore(bytes);
    EXPECT_EQ(it_.saved(), good_);
    return restored ? "" : restored.error().message;
  }

  Counting it_;
  std::string good_;
};

TEST_F(DamagedState, IsRefusedWhenCutShort) {
  EXPECT_EQ(refusal("abc"), "state of a table is 3 bytes long: cut short");
  EXPECT_NE(refusal(good_.substr(0, good_.size() - 1)).find("has a wrong length"),
            std::string::npos);
}

TEST_F(DamagedState, IsRefusedWhenOfAnotherFormat) {
  good_[0] = 9;
  const std::string bytes = good_;
  good_[0] = 1;

  EXPECT_EQ(refusal(bytes), "state of a table has format 9, this program reads 1");
}

TEST_F(DamagedState, IsRefusedWhenPayloadsHaveAnotherSize) {
  SlotTable other(kPayload + 8, 100'000);

  const auto restored = other.restore(good_);

  ASSERT_FALSE(restored);
  EXPECT_EQ(restored.error().message,
            "state of a table has payloads of 72 bytes, the configuration makes them 80 bytes");
}

TEST_F(DamagedState, IsRefusedWhenItExceedsTheBudget) {
  SlotTable smaller(kPayload, 20'000);

  const auto restored = smaller.restore(good_);

  ASSERT_FALSE(restored);
  EXPECT_NE(restored.error().message.find("more than the 20000 bytes it may use"),
            std::string::npos);
}

TEST_F(DamagedState, IsRefusedOrHarmlessWhateverByteIsChanged) {
  std::mt19937_64 random(9);
  Silent silent;
  for (int i = 0; i < 2000; ++i) {
    std::string bytes = good_;
    bytes[random() % (i % 2 == 0 ? 4096 : bytes.size())] = static_cast<char>(random());
    SlotTable table(kPayload, 100'000);
    if (!table.restore(bytes)) continue;
    for (std::uint64_t n = 0; n < 50; ++n) {
      table.touch(long_key(n), hash_of(long_key(n)), 1'000'000 + n, silent);
    }
  }
}

}  // namespace
}  // namespace tocsin
