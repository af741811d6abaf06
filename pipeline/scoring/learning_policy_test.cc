#include "pipeline/scoring/learning_policy.h"

#include <gtest/gtest.h>

namespace tocsin {
namespace {

TEST(LearningPolicy, LetsAnomaliesTeachATenth) {
  LearningPolicy::Block block{};

  EXPECT_EQ(LearningPolicy::decide(block, false).weight, 1);
  EXPECT_EQ(LearningPolicy::decide(block, true).weight, .1);
  EXPECT_EQ(LearningPolicy::decide(block, true).learning, Learning::weighted);
  EXPECT_EQ(LearningPolicy::decide(block, false).learning, Learning::learned);
}

TEST(LearningPolicy, AdoptsAfterSixtyFourAnomaliesInARow) {
  LearningPolicy::Block block{};
  for (int i = 1; i < 64; ++i) {
    EXPECT_EQ(LearningPolicy::decide(block, true).learning, Learning::weighted) << i;
  }

  for (int i = 0; i < 100'000; ++i) {
    const LearningPolicy::Decision decision = LearningPolicy::decide(block, true);
    ASSERT_EQ(decision.learning, Learning::adopted);
    ASSERT_EQ(decision.weight, 1);
  }
}

TEST(LearningPolicy, BeginsToCountAnewAfterANormalEvent) {
  LearningPolicy::Block block{};
  for (int i = 0; i < 63; ++i) LearningPolicy::decide(block, true);

  LearningPolicy::decide(block, false);

  EXPECT_EQ(LearningPolicy::decide(block, true).learning, Learning::weighted);
}

TEST(AlertMemory, HalvesWhatIsNotStrongerThanWhatIsRemembered) {
  AlertMemory::Block block{};

  EXPECT_EQ(AlertMemory::discount(block, 5), 5);
  EXPECT_EQ(AlertMemory::discount(block, 4.9), 4.9 / 2);
  EXPECT_EQ(AlertMemory::discount(block, 7), 7);
  EXPECT_EQ(AlertMemory::discount(block, 1), .5);
}

TEST(AlertMemory, FadesWithEventsAndCanBeCleared) {
  AlertMemory::Block block{};
  AlertMemory::discount(block, 5);

  // 5 x (1 - 1/200)^139 = 2.49.
  for (int i = 0; i < 137; ++i) AlertMemory::discount(block, 0);
  EXPECT_EQ(AlertMemory::discount(block, 2.5), 1.25);
  EXPECT_EQ(AlertMemory::discount(block, 2.5), 2.5);
  AlertMemory::clear(block);
  EXPECT_EQ(AlertMemory::discount(block, .1), .1);
}

}  // namespace
}  // namespace tocsin
