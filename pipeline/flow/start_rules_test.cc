#include "pipeline/flow/start_rules.h"

#include <gtest/gtest.h>

namespace tocsin {
namespace {

constexpr Watermarks kInput{.low = 100, .high = 200};

PartitionMark mark_from(std::int64_t input_offset) {
  return {.sequence = 12, .lineage_offset = input_offset, .since = {.count = 2, .hash = 7}};
}

std::int64_t start_of(std::int64_t committed, const std::optional<PartitionMark>& mark,
                      OnGap on_gap = OnGap::refuse) {
  const auto start = input_start({.offset = committed, .metadata = {}}, mark, kInput, on_gap);
  EXPECT_TRUE(start) << (start ? "" : start.error().message);
  return start ? start->offset : -1;
}

TEST(StartRules, WordsAreAMarkOrAResetOrNone) {
  EXPECT_FALSE(read_words(std::nullopt)->mark);
  EXPECT_FALSE(read_words(CommittedOffset{.offset = 3, .metadata = ""})->begins_lineage);
  EXPECT_TRUE(read_words(CommittedOffset{.offset = 3, .metadata = std::string(kNewLineageWords)})
                  ->begins_lineage);
  std::string text;
  mark_from(5).append_to(text);
  EXPECT_EQ(read_words(CommittedOffset{.offset = 3, .metadata = text})->mark, mark_from(5));
  EXPECT_FALSE(read_words(CommittedOffset{.offset = 3, .metadata = "another program's"}));
}

TEST(StartRules, InputBeginsWhereTheStateEnds) {
  EXPECT_EQ(start_of(150, mark_from(120)), 120);
  EXPECT_EQ(start_of(150, std::nullopt), 150) << "no state: what is new";
  EXPECT_EQ(start_of(200, mark_from(200)), 200);
}

TEST(StartRules, InputThatTheStateNeedsMayNotBeGoneUnlessTheOperatorGoesOn) {
  const auto refused =
      input_start({.offset = 150, .metadata = {}}, mark_from(90), kInput, OnGap::refuse);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "the state at offset 150 is made from input since 90, but records before 100 are gone; "
            "`state: {on_gap: proceed}` goes on without them");
  EXPECT_EQ(start_of(150, mark_from(90), OnGap::proceed), 100);
  // A whole snapshot at the committed offset needs no input, though records expired unread.
  EXPECT_EQ(start_of(90, mark_from(90)), 100);
}

TEST(StartRules, OnlyInputThatTheStateNeedsIsMissed) {
  const auto missing = [](std::int64_t committed, std::int64_t mark) {
    return input_start({.offset = committed, .metadata = {}}, mark_from(mark), kInput,
                       OnGap::proceed)
        ->missing;
  };
  EXPECT_EQ(missing(150, 90), 10);
  EXPECT_EQ(missing(150, 120), 0) << "nothing is gone";
  EXPECT_EQ(missing(90, 90), 0) << "gone before anybody read it";
  EXPECT_EQ(missing(95, 90), 5) << "and the other five expired unread";
}

TEST(StartRules, WhatIsKnownToBeGoneIsNotAskedForAgain) {
  PartitionMark mark = mark_from(40);
  mark.resumed = 120;
  const auto again = input_start({.offset = 150, .metadata = {}}, mark, kInput, OnGap::refuse);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->offset, 120);
  EXPECT_EQ(again->live_from, 150);
  EXPECT_EQ(again->resumed, 120) << "the gap is replayed, too";
  EXPECT_EQ(again->missing, 0);

  mark.resumed = 60;
  EXPECT_FALSE(input_start({.offset = 150, .metadata = {}}, mark, kInput, OnGap::refuse));
  const auto more = input_start({.offset = 150, .metadata = {}}, mark, kInput, OnGap::proceed);
  ASSERT_TRUE(more);
  EXPECT_EQ(more->resumed, 100);
  EXPECT_EQ(more->missing, 40);
}

TEST(StartRules, ThereIsNoGapWhereNothingIsGone) {
  const auto start =
      input_start({.offset = 150, .metadata = {}}, mark_from(120), kInput, OnGap::proceed);
  ASSERT_TRUE(start);
  EXPECT_FALSE(start->resumed);
}

TEST(StartRules, AnOffsetBeyondTheEndIsOfAnotherTopic) {
  const auto refused = input_start({.offset = 201, .metadata = {}}, {}, kInput, OnGap::refuse);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("the topic was recreated"), std::string::npos);
}

TEST(StartRules, ARecreatedTopicIsReadFromItsFirstRecordWhereTheOperatorGoesOn) {
  PartitionMark mark = mark_from(290);
  mark.gap_until = 310;
  const auto start = input_start({.offset = 305, .metadata = {}}, mark, kInput, OnGap::proceed);

  ASSERT_TRUE(start);
  EXPECT_TRUE(start->is_recreated);
  EXPECT_EQ(start->offset, 100);
  EXPECT_EQ(start->live_from, 100) << "all of it is new";
  EXPECT_EQ(start->resumed, 100);
  EXPECT_EQ(start->missing, 2 + 5) << "since the snapshot, and what was missing already";

  const auto stateless = input_start({.offset = 201, .metadata = {}}, {}, kInput, OnGap::proceed);
  ASSERT_TRUE(stateless);
  EXPECT_EQ(stateless->live_from, 100);
  EXPECT_FALSE(stateless->resumed);
}

TEST(StartRules, TheSameRecordsMustBeReplayed) {
  EXPECT_TRUE(check_trail(mark_from(1), {.count = 2, .hash = 7}, 12));
  EXPECT_FALSE(check_trail(mark_from(1), {.count = 1, .hash = 7}, 12));
  EXPECT_FALSE(check_trail(mark_from(1), {.count = 2, .hash = 8}, 12));
  EXPECT_FALSE(check_trail(mark_from(1), {.count = 2, .hash = 7}, 11));
}

}  // namespace
}  // namespace tocsin
