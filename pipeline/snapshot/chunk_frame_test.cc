#include "pipeline/snapshot/chunk_frame.h"

#include <gtest/gtest.h>

#include "pipeline/snapshot/compression.h"

namespace tocsin {
namespace {

ChunkPart part(std::uint32_t chunk, std::uint32_t offset, std::uint32_t total,
               std::string_view bytes) {
  return {.place = {.store = 1, .chunk = chunk},
          .offset = offset,
          .chunk_bytes = total,
          .bytes = bytes};
}

TEST(ChunkFrame, GivesBackItsParts) {
  std::string frame;
  append_chunk_part(frame, part(7, 0, 4, "abcd"));
  append_chunk_part(frame, part(8, 2, 6, "xyz"));

  const auto parts = chunk_parts(frame);
  ASSERT_TRUE(parts);
  ASSERT_EQ(parts->size(), 2U);
  EXPECT_EQ((*parts)[0].bytes, "abcd");
  EXPECT_EQ((*parts)[1].place, (ChunkPlace{.store = 1, .chunk = 8}));
  EXPECT_EQ((*parts)[1].offset, 2U);
  EXPECT_EQ((*parts)[1].chunk_bytes, 6U);
}

TEST(ChunkFrame, RefusesDamageOfEveryLength) {
  std::string frame;
  append_chunk_part(frame, part(7, 0, 4, "abcd"));
  for (std::size_t length = 1; length < frame.size(); ++length)
    EXPECT_FALSE(chunk_parts(frame.substr(0, length))) << length;
  std::string beyond;
  append_chunk_part(beyond, part(7, 3, 4, "abcd"));
  EXPECT_FALSE(chunk_parts(beyond)) << "a part that goes beyond its chunk";
}

TEST(ChunkAssembly, PutsPartsTogether) {
  ChunkAssembly assembly;
  EXPECT_EQ(assembly.add(part(1, 0, 2, "ab")), "ab");
  EXPECT_EQ(assembly.add(part(2, 0, 6, "ab")), "");
  EXPECT_EQ(assembly.add(part(2, 2, 6, "cd")), "");
  EXPECT_EQ(assembly.add(part(2, 4, 6, "ef")), "abcdef");
}

TEST(ChunkAssembly, LeavesOutChunksThatAreNotWhole) {
  ChunkAssembly assembly;
  EXPECT_EQ(assembly.add(part(1, 2, 4, "cd")), "") << "its beginning was before the first frame";
  EXPECT_EQ(assembly.add(part(2, 0, 4, "ab")), "");
  EXPECT_EQ(assembly.add(part(3, 0, 2, "xy")), "xy") << "another began before it was whole";
  EXPECT_EQ(assembly.add(part(2, 2, 4, "cd")), "");
}

TEST(Compression, FindsDamage) {
  Compressor compressor;
  Decompressor decompressor;
  const std::string raw(10'000, 'a');
  std::string frame = compressor.compress(raw);
  EXPECT_LT(frame.size(), 100U);
  const auto back = decompressor.decompress(frame, raw.size());
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(*back, raw);
  EXPECT_FALSE(decompressor.decompress(frame, raw.size() - 1));
  EXPECT_FALSE(decompressor.decompress(frame, std::size_t{1} << 40U)) << "no such memory is asked";
  frame.back() = static_cast<char>(frame.back() ^ 1);  // Of the checksum.
  EXPECT_FALSE(decompressor.decompress(frame, raw.size()));
}

}  // namespace
}  // namespace tocsin
