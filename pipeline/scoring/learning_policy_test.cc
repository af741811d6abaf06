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

TEST(AlertMemory, TakesWhatIsKnownFromTheScore) {
  AlertMemory::Block block{};

  EXPECT_EQ(AlertMemory::discount(block, 5, true), 5);
  EXPECT_EQ(AlertMemory::discount(block, 5, true), 5 - 5 * AlertMemory::kKeep);
  EXPECT_EQ(AlertMemory::discount(block, 7, true), 7 - 5 * AlertMemory::kKeep);
  EXPECT_EQ(AlertMemory::discount(block, 1, false), 0);
}

TEST(AlertMemory, FadesWithNormalEventsAndCanBeCleared) {
  AlertMemory::Block block{};
  AlertMemory::discount(block, 5, true);

  for (int i = 0; i < 40; ++i) AlertMemory::discount(block, 0, false);
  EXPECT_NEAR(AlertMemory::discount(block, 5, false), 5 - 5 / 2.8, .1);
  AlertMemory::clear(block);
  EXPECT_EQ(AlertMemory::discount(block, 5, true), 5);
}

}  // namespace
}  // namespace tocsin
