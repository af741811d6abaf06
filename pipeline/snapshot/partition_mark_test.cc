#include "pipeline/snapshot/partition_mark.h"

#include <gtest/gtest.h>

namespace tocsin {
namespace {

PartitionMark full_mark() {
  return {.sequence = 41'233,
          .definition = "0123456789abcdef",
          .configuration = "00ff",
          .owner = 0xfeedface,
          .lineage_offset = 17,
          .state_offset = 300,
          .last = {.number = 99, .owner = 0xabc},
          .snapshot = NamedSnapshot{.id = 7,
                                    .owner = 0xabc,
                                    .start_offset = 1'000,
                                    .oldest_offset = 500,
                                    .input_offset = 40'000},
          .since = {.count = 12, .hash = UINT64_MAX}};
}

std::string text_of(const PartitionMark& mark) {
  std::string text;
  mark.append_to(text);
  return text;
}

TEST(PartitionMark, ReadsWhatItWrites) {
  const std::string text = text_of(full_mark());

  EXPECT_EQ(text,
            "tocsin1 seq=41233 def=0123456789abcdef cfg=00ff own=feedface from=17 base=300 "
            "num=99:abc snap=7:abc:1000:500:40000 n=12 h=ffffffffffffffff");
  EXPECT_EQ(PartitionMark::parse(text), full_mark());
}

TEST(PartitionMark, OfAPartitionWithoutASnapshotToo) {
  PartitionMark mark = full_mark();
  mark.snapshot.reset();
  EXPECT_EQ(PartitionMark::parse(text_of(mark)), mark);
  EXPECT_EQ(mark.replay_from(), 17);
  EXPECT_EQ(full_mark().replay_from(), 40'000);
}

TEST(PartitionMark, OfAPartitionWithAGapToo) {
  PartitionMark mark = full_mark();
  mark.gap_until = 50'000;
  EXPECT_TRUE(text_of(mark).ends_with(" gap=50000"));
  EXPECT_EQ(PartitionMark::parse(text_of(mark)), mark);

  mark.resumed = 49'000;
  EXPECT_TRUE(text_of(mark).ends_with(" gap=50000 res=49000"));
  EXPECT_EQ(PartitionMark::parse(text_of(mark)), mark);
  EXPECT_EQ(mark.replay_from(), 49'000) << "what lies between the snapshot and here is gone";
}

TEST(PartitionMark, SkipsFieldsOfALaterFormat) {
  EXPECT_EQ(PartitionMark::parse(text_of(full_mark()) + " later=x"), full_mark());
}

TEST(PartitionMark, ReadsOneFromBeforeLineagesHadAPlaceInTheStateTopic) {
  PartitionMark mark = full_mark();
  std::string text = text_of(mark);
  text.erase(text.find(" base=300"), 9);
  mark.state_offset = 0;
  EXPECT_EQ(PartitionMark::parse(text), mark);
}

TEST(PartitionMark, IsNotWhatAResetLeaves) { EXPECT_FALSE(PartitionMark::parse(kNewLineageWords)); }

TEST(PartitionMark, RefusesWhatIsNotOurs) {
  const std::string text = text_of(full_mark());
  EXPECT_FALSE(PartitionMark::parse(""));
  EXPECT_FALSE(PartitionMark::parse("tocsin1 seq=5 def=ff"));
  for (const char* field : {" seq=41233", " own=feedface", " num=99:abc", " n=12"}) {
    std::string less = text;
    less.erase(less.find(field), std::string_view(field).size());
    EXPECT_FALSE(PartitionMark::parse(less)) << "without" << field;
    std::string worse = text;
    worse.insert(worse.find(field) + std::string_view(field).size(), "x");
    EXPECT_FALSE(PartitionMark::parse(worse)) << "a letter after" << field;
  }
  EXPECT_FALSE(PartitionMark::parse("tocsin2" + text.substr(7)));
}

}  // namespace
}  // namespace tocsin
