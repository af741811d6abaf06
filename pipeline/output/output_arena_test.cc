#include "pipeline/output/output_arena.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/output/byte_writer.h"

namespace tocsin {
namespace {

WriteRecord record_of(OutputArena& arena, const std::string& key, const std::string& value) {
  return {.key = arena.keep(key), .value = arena.keep(value)};
}

TEST(OutputArena, KeepsEveryViewWhereItIsAcrossManyChunks) {
  OutputArena arena;
  std::vector<std::string> expected;
  for (int i = 0; i < 5000; ++i) {
    expected.push_back(std::to_string(i) + std::string(static_cast<std::size_t>(i % 300), 'x'));
    arena.add(record_of(arena, std::to_string(i), expected.back()));
  }

  ASSERT_GT(arena.capacity_bytes(), 2 * OutputArena::kChunkBytes);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(arena.records()[i].key, std::to_string(i));
    EXPECT_EQ(arena.records()[i].value, expected[i]);
  }
}

TEST(OutputArena, KeepsHeadersAlignedAmongOddBytes) {
  OutputArena arena;
  std::vector<std::span<HeaderView>> kept;
  for (std::size_t i = 1; i < 2000; ++i) {
    arena.keep(std::string(i % 7, 'x'));
    const std::span<HeaderView> headers = arena.make_headers(i % 5 + 1);
    for (HeaderView& header : headers) header = {.name = "name", .value = arena.keep("value")};
    kept.push_back(headers);
  }

  for (const std::span<HeaderView> headers : kept) {
    EXPECT_EQ(headers.size(), static_cast<std::size_t>(&headers.back() - &headers.front()) + 1);
    for (const HeaderView& header : headers) EXPECT_EQ(header.value, "value");
  }
}

TEST(OutputArena, CountsKeysValuesAndHeaders) {
  OutputArena arena;
  const std::span<HeaderView> headers = arena.make_headers(2);
  headers[0] = {.name = "one", .value = "1234"};
  headers[1] = {.name = "none", .value = std::nullopt};

  arena.add({.key = "key", .value = "value", .headers = headers});

  EXPECT_EQ(arena.bytes(), 3U + 5U + 7U + 4U);
}

TEST(OutputArena, TellsWhichPartitionEachRunOfRecordsComesFrom) {
  OutputArena arena;
  arena.begin_partition(7);
  arena.add({.value = "a"});
  arena.begin_partition(8);  // Nothing of it.
  arena.begin_partition(7);
  arena.add({.value = "bc"});
  arena.begin_partition(9);
  arena.add({.value = "d"});
  arena.begin_partition(7);
  arena.add({.value = "e"});
  arena.begin_partition(8);

  ASSERT_EQ(arena.pieces().size(), 3U);
  EXPECT_EQ(arena.pieces()[0].partition, 7);
  EXPECT_EQ(arena.pieces()[0].count, 2U);
  EXPECT_EQ(arena.pieces()[0].bytes, 3U);
  EXPECT_EQ(arena.pieces()[1].partition, 9);
  EXPECT_EQ(arena.pieces()[2].partition, 7);
  ASSERT_EQ(arena.records(arena.pieces()[2]).size(), 1U);
  EXPECT_EQ(arena.records(arena.pieces()[2])[0].value, "e");
}

TEST(OutputArena, IsEmptyOnceCleared) {
  OutputArena arena;
  arena.begin_partition(1);
  arena.add(record_of(arena, "key", "value"));

  arena.clear();

  EXPECT_TRUE(arena.records().empty());
  EXPECT_TRUE(arena.pieces().empty());
  EXPECT_EQ(arena.bytes(), 0U);
}

TEST(OutputArena, GivesTheMemoryOfAHugeRecordBackWhenCleared) {
  OutputArena arena;
  arena.keep("small");
  arena.add(record_of(arena, "key", ""));
  const std::size_t before = arena.capacity_bytes();
  const std::string huge(3 * OutputArena::kChunkBytes, 'x');
  EXPECT_EQ(arena.keep(huge), huge);
  EXPECT_GT(arena.capacity_bytes(), before + huge.size() - 1);

  arena.clear();

  EXPECT_EQ(arena.capacity_bytes(), before);
}

TEST(ByteWriter, MovesAnUnfinishedTextToWhereItFits) {
  OutputArena arena;
  for (std::size_t length = 1; length < 2 * OutputArena::kChunkBytes; length = length * 3 + 1) {
    const std::string_view before = arena.keep("before");
    ByteWriter writer(arena);
    for (std::size_t i = 0; i < length; ++i) writer.add(static_cast<char>('a' + i % 26));
    const std::string_view text = writer.finish();
    const std::string_view after = arena.keep("after");

    ASSERT_EQ(text.size(), length);
    for (std::size_t i = 0; i < length; ++i) ASSERT_EQ(text[i], static_cast<char>('a' + i % 26));
    EXPECT_EQ(before, "before");
    EXPECT_EQ(after, "after");
  }
}

TEST(ByteWriter, LeavesNothingBehindUnlessFinished) {
  OutputArena arena;
  const std::string_view first = arena.keep("first");
  {
    ByteWriter writer(arena);
    writer.add("never kept");
  }

  const std::string_view second = arena.keep("second");

  EXPECT_EQ(second.data(), first.data() + first.size());
}

}  // namespace
}  // namespace tocsin
