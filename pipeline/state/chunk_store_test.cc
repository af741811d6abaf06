#include "pipeline/state/chunk_store.h"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <random>

namespace tocsin {
namespace {

std::uint64_t value(const ChunkStore& store, SlotIndex slot) {
  std::uint64_t v = 0;
  std::memcpy(&v, store.read(slot), sizeof v);
  return v;
}

void set(ChunkStore& store, SlotIndex slot, std::uint64_t v) {
  std::memcpy(store.write(slot), &v, sizeof v);
}

ChunkStore filled(std::size_t slots) {
  ChunkStore store(64, slots + 1000);
  for (std::size_t i = 0; i < slots; ++i) set(store, store.add(), i);
  return store;
}

TEST(ChunkStore, SlotsAreZeroAlignedAndStayWhereTheyAre) {
  ChunkStore store(192, 100'000);
  const std::byte* first = store.read(store.add());

  for (int i = 1; i < 100'000; ++i) {
    const SlotIndex slot = store.add();
    ASSERT_EQ(reinterpret_cast<std::uintptr_t>(store.read(slot)) % 64, 0U);
    ASSERT_EQ(value(store, slot), 0U);
    set(store, slot, slot);
  }

  EXPECT_EQ(store.read(0), first);
  EXPECT_EQ(value(store, 99'999), 99'999U);
}

TEST(ChunkStore, AChunkIsWholeSlotsOfAtMostFourKilobytesOrOneSlot) {
  EXPECT_EQ(ChunkStore(64, 1).chunk_bytes(), 4096U);
  EXPECT_EQ(ChunkStore(320, 1).chunk_bytes(), 8 * 320U);
  EXPECT_EQ(ChunkStore(2112, 1).chunk_bytes(), 2112U);
  EXPECT_EQ(ChunkStore(1U << 20U, 1).chunk_bytes(), 1U << 20U);
}

TEST(ChunkStore, CountsTheBytesOfTheChunksItHas) {
  ChunkStore store(1024, 100);
  EXPECT_EQ(store.bytes(), 0U);

  for (int i = 0; i < 5; ++i) store.add();

  EXPECT_EQ(store.bytes(), 2 * (4096U + 4U));
}

TEST(ChunkStore, CopiesTogetherAreTheBytesAtTheCutWhateverIsWrittenMeanwhile) {
  std::mt19937_64 random(7);
  ChunkStore store = filled(10'000);
  std::map<std::uint32_t, std::vector<std::byte>> at_cut;
  const std::size_t chunks = 10'000 / 64 + 1;
  for (std::uint32_t c = 0; c < chunks; ++c) {
    const std::byte* begin = store.read(c * 64);
    at_cut[c].assign(begin, begin + store.chunk_bytes());
  }

  store.begin_cut(CutScope::whole);
  std::vector<CopiedChunk> copied;
  while (store.is_cutting()) {
    for (int i = 0; i < 5; ++i) set(store, static_cast<SlotIndex>(random() % 10'000), random());
    set(store, store.add(), random());
    EXPECT_LE(store.copy_some(2), 2U);
    for (CopiedChunk& chunk : store.take_copied()) copied.push_back(std::move(chunk));
  }

  EXPECT_EQ(copied.size(), chunks);
  for (const CopiedChunk& chunk : copied) {
    EXPECT_EQ(chunk.bytes, at_cut[chunk.chunk]) << chunk.chunk;
    at_cut.erase(chunk.chunk);
  }
  EXPECT_TRUE(at_cut.empty()) << "some chunks were never copied";
}

TEST(ChunkStore, CopiesAChunkOnlyAtItsFirstWriteAfterTheCut) {
  ChunkStore store = filled(640);

  store.begin_cut(CutScope::whole);
  set(store, 70, 1);
  set(store, 71, 2);
  set(store, 70, 3);

  const auto copied = store.take_copied();
  ASSERT_EQ(copied.size(), 1U);
  EXPECT_EQ(copied[0].chunk, 1U);
  EXPECT_EQ(copied[0].bytes[std::size_t{70 % 64} * 64], std::byte{70});
}

/// Makes a cut and returns the numbers of the chunks it hands over, in order.
std::vector<std::uint32_t> cut(ChunkStore& store, CutScope scope) {
  store.begin_cut(scope);
  store.copy_some(store.chunks());
  EXPECT_FALSE(store.is_cutting());
  std::vector<std::uint32_t> numbers;
  for (const CopiedChunk& chunk : store.take_copied()) numbers.push_back(chunk.chunk);
  return numbers;
}

TEST(ChunkStore, AChangedCutHandsOverWhatWasWrittenAndAnEighthOfTheOthers) {
  using Numbers = std::vector<std::uint32_t>;
  ChunkStore store = filled(10 * 64);

  EXPECT_EQ(cut(store, CutScope::changed).size(), 10U) << "the first cut of a store is whole";
  set(store, 5 * 64, 1);
  EXPECT_EQ(cut(store, CutScope::changed), (Numbers{2, 5}));
  EXPECT_EQ(cut(store, CutScope::changed), (Numbers{3}));
  EXPECT_EQ(cut(store, CutScope::whole).size(), 10U);
  EXPECT_EQ(cut(store, CutScope::changed), (Numbers{5}));
  set(store, store.add(), 1);
  EXPECT_EQ(cut(store, CutScope::changed), (Numbers{6, 10}));
  EXPECT_EQ(cut(store, CutScope::changed), (Numbers{7}));
  EXPECT_EQ(cut(store, CutScope::changed), (Numbers{0, 8}));
}

TEST(ChunkStore, AChunkWrittenWhileItIsNotDueIsLeftToTheNextCut) {
  ChunkStore store = filled(10 * 64);
  cut(store, CutScope::whole);
  store.begin_cut(CutScope::changed);

  set(store, 5 * 64, 1);
  store.copy_some(10);

  const auto copied = store.take_copied();
  ASSERT_EQ(copied.size(), 1U);
  EXPECT_EQ(copied[0].chunk, 2U) << "its turn";
  EXPECT_EQ(cut(store, CutScope::changed), (std::vector<std::uint32_t>{3, 5}));
}

TEST(ChunkStore, NewestCopiesOfAllCutsAreTheBytesAtTheLatest) {
  std::mt19937_64 random(11);
  ChunkStore store = filled(5000);
  std::map<std::uint32_t, std::vector<std::byte>> newest;
  std::map<std::uint32_t, int> handed_over;

  for (int number = 1; number <= 40; ++number) {
    std::vector<std::vector<std::byte>> at_cut;
    for (std::size_t c = 0; c < store.chunks(); ++c) {
      at_cut.emplace_back(store.chunk(c).begin(), store.chunk(c).end());
    }
    store.begin_cut(CutScope::changed);
    std::size_t copies = 0;
    while (store.is_cutting()) {
      set(store, static_cast<SlotIndex>(random() % 300), random());
      if (random() % 8 == 0) set(store, static_cast<SlotIndex>(random() % store.size()), random());
      if (random() % 16 == 0) set(store, store.add(), random());
      store.copy_some(1);
      for (CopiedChunk& chunk : store.take_copied()) {
        newest[chunk.chunk] = std::move(chunk.bytes);
        handed_over[chunk.chunk] = number;
        ++copies;
      }
    }

    ASSERT_EQ(newest.size(), at_cut.size());
    for (const auto& [chunk, bytes] : newest) ASSERT_EQ(bytes, at_cut[chunk]) << chunk;
    for (const auto& [chunk, when] : handed_over) ASSERT_GT(when, number - 8) << chunk;
    EXPECT_TRUE(number == 1 || copies < at_cut.size() / 2) << copies;
  }
}

TEST(ChunkStore, CopiesHaveRoomForASeal) {
  ChunkStore store = filled(10);
  store.begin_cut(CutScope::whole);
  store.copy_some(1);

  const auto copied = store.take_copied();

  ASSERT_EQ(copied.size(), 1U);
  EXPECT_GE(copied[0].bytes.capacity(), store.chunk_bytes() + kSealBytes);
}

TEST(ChunkStore, ReservesFarMoreThanItUses) {
  const ChunkStore store(4096, std::size_t{1} << 26U);

  EXPECT_EQ(store.bytes(), 0U);
}

}  // namespace
}  // namespace tocsin
