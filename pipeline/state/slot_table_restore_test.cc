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
    const std::uint64_t below = 1 + random() % 5000;
    const std::uint64_t n = random() % below;
    it.touch(n % 7 == 0 ? long_key(n) : short_key(n));
  }
}

TEST(SlotTable, EqualHistoriesGiveEqualBytesAndEvictions) {
  Counting one(100'000);
  Counting two(100'000);

  play(one, 5, 50'000);
  play(two, 5, 50'000);

  EXPECT_TRUE(saved(one.table) == saved(two.table));
  EXPECT_EQ(one.evicted, two.evicted);
}

TEST(SlotTableRestore, GivesATableTheSameBytesAndTheSameFuture) {
  for (const int before : {0, 10, 300, 50'000}) {
    Counting one(100'000);
    Counting two(100'000);
    play(one, 5, before);
    two.sequence = one.sequence;

    const auto restored = restore(saved(one.table), two.table);

    ASSERT_TRUE(restored) << restored.error().message;
    ASSERT_TRUE(saved(one.table) == saved(two.table));
    one.evicted.clear();
    play(one, 6, 50'000);
    play(two, 6, 50'000);
    EXPECT_TRUE(saved(one.table) == saved(two.table));
    EXPECT_EQ(one.evicted, two.evicted);
  }
}

TEST(SlotTableRestore, GivesTheTableAsItWasAtACutThatEvictionsOverran) {
  Counting one(300'000);
  play(one, 5, 30'000);
  const SavedTable at_cut = saved(one.table);
  const std::size_t evicted = one.evicted.size();

  SavedTable cut{.header = one.table.saved_header()};
  for (ChunkStore* store : one.table.stores()) store->begin_cut(CutScope::whole);
  for (int round = 0; round < 200; ++round) {
    play(one, static_cast<std::uint64_t>(100 + round), 30);
    for (std::size_t i = 0; i < SlotTable::kStores; ++i) {
      ChunkStore& store = *one.table.stores().at(i);
      store.copy_some(1);
      for (CopiedChunk& chunk : store.take_copied()) {
        cut.chunks[{i, chunk.chunk}] = std::move(chunk.bytes);
      }
    }
  }
  EXPECT_GT(one.evicted.size(), evicted + 500);

  Counting two(300'000);
  const auto restored = restore(cut, two.table);

  ASSERT_TRUE(restored) << restored.error().message;
  EXPECT_TRUE(saved(two.table) == at_cut);
}

TEST(SlotTableRestore, TakesTheLastVersionOfAChunk) {
  Counting one(100'000);
  one.touch("a");
  const SavedTable early = saved(one.table);
  one.touch("a");
  const SavedTable late = saved(one.table);

  Counting two(100'000);
  auto restore = SlotTableRestore::begin(late.header, two.table);
  ASSERT_TRUE(restore);
  ASSERT_TRUE(restore->put(0, 0, early.chunks.at({0, 0})));
  ASSERT_TRUE(restore->put(0, 0, late.chunks.at({0, 0})));
  ASSERT_TRUE(restore->finish());

  EXPECT_TRUE(saved(two.table) == late);
}

class DamagedTable : public testing::Test {
 protected:
  DamagedTable() {
    Counting it(100'000);
    play(it, 5, 2000);
    damaged_ = good_ = saved(it.table);
  }
  std::string refusal(std::size_t payload = kPayload, std::size_t bytes_max = 100'000) {
    SlotTable table(payload, bytes_max);
    const auto restored = restore(damaged_, table);
    return restored ? "" : restored.error().message;
  }

  SavedTable good_;
  SavedTable damaged_;
};

TEST_F(DamagedTable, IsRefusedWhenAChunkIsMissing) {
  damaged_.chunks.erase({0, 3});
  damaged_.chunks.erase({0, 4});

  EXPECT_EQ(refusal(), "2 of 28 chunks of a table's slots are missing, chunk 3 the first");
}

TEST_F(DamagedTable, IsRefusedWhenAChunkIsTooMany) {
  damaged_.chunks[{1, 9}] = damaged_.chunks[{1, 0}];

  EXPECT_EQ(refusal(), "chunk 9 of a table's long keys is beyond its 2");
}

TEST_F(DamagedTable, IsRefusedWhenAChunkIsShort) {
  damaged_.chunks[{0, 2}].pop_back();

  EXPECT_EQ(refusal(), "chunk 2 of a table's slots has 3071 bytes instead of 3072");
}

TEST_F(DamagedTable, IsRefusedWhenPayloadsHaveAnotherSize) {
  EXPECT_EQ(refusal(kPayload + 8),
            "state of a table has payloads of 72 bytes, the configuration makes them 80 bytes");
}

TEST_F(DamagedTable, IsRefusedWhenItExceedsTheBudget) {
  EXPECT_NE(refusal(kPayload, 20'000).find("more than the 20000 bytes it may use"),
            std::string::npos);
}

TEST_F(DamagedTable, IsRefusedOrHarmlessWhateverByteIsChanged) {
  std::mt19937_64 random(9);
  Silent silent;
  int refused = 0;
  for (int i = 0; i < 2000; ++i) {
    damaged_ = good_;
    if (i % 10 == 0) {
      auto* header = reinterpret_cast<unsigned char*>(&damaged_.header);
      header[random() % sizeof(TableHeader)] = static_cast<unsigned char>(random());
    } else {
      auto chunk = damaged_.chunks.begin();
      std::advance(chunk, static_cast<std::ptrdiff_t>(random() % damaged_.chunks.size()));
      // Half of the changes in the lines that the table itself reads.
      const std::size_t at = random() % chunk->second.size();
      chunk->second[i % 2 == 0 ? at / 192 * 192 + at % 64 : at] = static_cast<std::byte>(random());
    }
    SlotTable table(kPayload, 100'000);
    if (!restore(damaged_, table)) {
      ++refused;
      continue;
    }
    for (std::uint64_t n = 0; n < 50; ++n) {
      table.touch(long_key(n), hash_of(long_key(n)), 1'000'000 + n, silent);
    }
  }
  EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace tocsin
