#include "pipeline/flow/partition_mark.h"

#include <gtest/gtest.h>

namespace tocsin {
namespace {

TEST(PartitionMark, ReadsWhatItWrites) {
  std::string text;
  PartitionMark{.sequence = 41'233, .definition = "0123456789abcdef"}.append_to(text);

  EXPECT_EQ(text, "tocsin1 seq=41233 def=0123456789abcdef");
  const auto mark = PartitionMark::parse(text);
  ASSERT_TRUE(mark);
  EXPECT_EQ(mark->sequence, 41'233U);
  EXPECT_EQ(mark->definition, "0123456789abcdef");
}

TEST(PartitionMark, SkipsFieldsOfALaterFormat) {
  const auto mark = PartitionMark::parse("tocsin1 snap=7@12 seq=5 def=ff later=x");
  ASSERT_TRUE(mark);
  EXPECT_EQ(mark->sequence, 5U);
}

TEST(PartitionMark, RefusesWhatIsNotOurs) {
  EXPECT_FALSE(PartitionMark::parse(""));
  EXPECT_FALSE(PartitionMark::parse("seq=5 def=ff"));
  EXPECT_FALSE(PartitionMark::parse("tocsin1 def=ff"));
  EXPECT_FALSE(PartitionMark::parse("tocsin1 seq=5x def=ff"));
  EXPECT_FALSE(PartitionMark::parse("tocsin2 seq=5 def=ff"));
}

}  // namespace
}  // namespace tocsin
