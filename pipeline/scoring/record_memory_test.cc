#include "pipeline/scoring/record_memory.h"

#include <gtest/gtest.h>

#include <cmath>

namespace tocsin {
namespace {

/// Scores between 0 and e - 1, whose logarithms lie evenly between 0 and 1.
RecordMemory::Block after(int events) {
  RecordMemory::Block block{};
  for (int i = 0; i < events; ++i) {
    RecordMemory::judge(block, std::expm1(i % 11 / 10.0), {});
  }
  return block;
}

TEST(RecordMemory, HasNoNewsInWhatItKnows) {
  RecordMemory::Block block = after(999);

  EXPECT_EQ(RecordMemory::judge(block, std::expm1(1), {}), 0);
  EXPECT_EQ(RecordMemory::judge(block, 0, {}), 0);
}

TEST(RecordMemory, MatchesTheHandWorkedExample) {
  RecordMemory::Block block = after(999);

  // The record is 1, the typical logarithm .5: 1.5 lies one width of .5 beyond. It is the first
  // news in 1,000 events: 3 + 2 ln(1 + 3) 3. The typical one wavers by a few hundredths.
  EXPECT_NEAR(RecordMemory::judge(block, std::expm1(1.5), {}), 3 + 6 * std::log(4), .2);
}

TEST(RecordMemory, AsksForAFifthMoreThanTheRecord) {
  RecordMemory::Block block = after(999);

  EXPECT_EQ(RecordMemory::judge(block, std::expm1(1.05), {}), 0);
  EXPECT_GT(RecordMemory::judge(block, std::expm1(1.25), {}), 4);
}

TEST(RecordMemory, TellsTheSameNewsOnce) {
  RecordMemory::Block block = after(999);
  ASSERT_GT(RecordMemory::judge(block, 100, {}), 4);

  EXPECT_EQ(RecordMemory::judge(block, 100, {}), 0);
  EXPECT_EQ(RecordMemory::judge(block, 90, {}), 0);
}

TEST(RecordMemory, SaysNothingOfSixtyScores) {
  RecordMemory::Block block = after(59);

  EXPECT_EQ(RecordMemory::judge(block, 1e9, {}), 0);
}

TEST(RecordMemory, TakesABreachForWhatItIs) {
  RecordMemory::Block block{};
  for (int i = 0; i < 98; ++i) RecordMemory::skip(block);

  EXPECT_EQ(RecordMemory::judge(block, 0, {.is_breach = true}), 0);
  EXPECT_NEAR(RecordMemory::judge(block, 1, {.is_breach = true}), 2 + 4 * std::log(4), 1e-6);
}

TEST(RecordMemory, ThinksLessOfNewsThatComeOften) {
  RecordMemory::Block rare{};
  RecordMemory::Block frequent{};
  for (int i = 0; i < 999; ++i) {
    RecordMemory::judge(rare, 0, {.is_breach = true});
    RecordMemory::judge(frequent, i % 10 == 0 ? .5 : 0, {.is_breach = true});
  }

  // One in ten instead of one in a thousand; the decay leaves four fifths of them.
  EXPECT_NEAR(RecordMemory::judge(rare, .5, {.is_breach = true}) -
                  RecordMemory::judge(frequent, .5, {.is_breach = true}),
              std::log10(80), .1);
}

TEST(RecordMemory, ForgetsARecordInTime) {
  RecordMemory::Block block = after(1000);
  RecordMemory::judge(block, std::expm1(3), {});

  for (int i = 0; i < 20'000; ++i) {
    RecordMemory::judge(block, std::expm1(i % 11 / 10.0), {});
  }

  // Two half-lives: a quarter of 2.5 above the typical .5.
  EXPECT_GT(RecordMemory::judge(block, std::expm1(1.6), {}), 0);
}

}  // namespace
}  // namespace tocsin
