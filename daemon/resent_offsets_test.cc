#include "daemon/resent_offsets.h"

#include <gtest/gtest.h>

namespace tocsin {
namespace {

TEST(ResentOffsets, KeepsWhatItIsGivenAsRanges) {
  ResentOffsets offsets;
  for (const std::int64_t offset : {5L, 7L, 6L, 0L, 9'000'000'000L}) offsets.add(offset);

  EXPECT_EQ(offsets.text(), "tocsin-resent1 1+0 5+2 8999999993+0");
  EXPECT_EQ(offsets.end(), 9'000'000'001);
  for (const std::int64_t offset : {0, 5, 6, 7}) EXPECT_TRUE(offsets.contains(offset)) << offset;
  for (const std::int64_t offset : {1, 4, 8}) EXPECT_FALSE(offsets.contains(offset)) << offset;
  EXPECT_EQ(ResentOffsets::parse(offsets.text())->text(), offsets.text());
}

TEST(ResentOffsets, JoinsOverWhatTransactionsLeaveBehind) {
  ResentOffsets offsets;
  for (std::int64_t offset = 0; offset < 3'000; offset += 3) offsets.add(offset);
  for (std::int64_t offset = 3; offset < 3'000; offset += 3) offsets.join(offset - 3, offset);

  EXPECT_EQ(offsets.text(), "tocsin-resent1 1+2997");
}

TEST(ResentOffsets, ForgetsWhatIsGone) {
  ResentOffsets offsets;
  for (const std::int64_t offset : {1, 2, 3, 4, 8}) offsets.add(offset);
  offsets.forget_before(3);
  EXPECT_EQ(offsets.text(), "tocsin-resent1 4+1 4+0");
  offsets.forget_before(9);
  EXPECT_TRUE(offsets.is_empty());
  EXPECT_EQ(offsets.end(), 0);
}

TEST(ResentOffsets, RefusesOtherWords) {
  EXPECT_TRUE(ResentOffsets::parse("tocsin-resent1"));
  for (const char* text : {"", "tocsin1 seq=1", "tocsin-resent12", "tocsin-resent1 ",
                           "tocsin-resent1 0+1", "tocsin-resent1 1", "tocsin-resent1 1+x",
                           "tocsin-resent1 -1+2", "tocsin-resent1 99999999999999999999+1"})
    EXPECT_FALSE(ResentOffsets::parse(text)) << text;
}

}  // namespace
}  // namespace tocsin
