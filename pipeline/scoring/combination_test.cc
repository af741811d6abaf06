#include "pipeline/scoring/combination.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace tocsin {
namespace {

Opinion surprise(double amount) { return {.has_score = true, .has_p = true, .surprise = amount}; }

TEST(Combination, AddsHalfOfTheSecondLargestSurprise) {
  EXPECT_DOUBLE_EQ(combine(std::array{surprise(1), surprise(4), surprise(2)}), 5 - std::log10(3));
  EXPECT_DOUBLE_EQ(combine(std::array{surprise(4), surprise(2), surprise(1)}), 5 - std::log10(3));
  EXPECT_DOUBLE_EQ(combine(std::array{surprise(3), surprise(3)}), 4.5 - std::log10(2));
  EXPECT_EQ(combine(std::array{surprise(3)}), 3);
}

TEST(Combination, LeavesOutDetectorsWithoutProbability) {
  Opinion warming = surprise(9);
  warming.has_p = false;

  EXPECT_EQ(combine(std::array{warming, surprise(1)}), 1);
}

TEST(Severity, RisesWithPowersOfTenBeyondTheAlarm) {
  EXPECT_EQ(severity_of(3.9, 4), Severity::none);
  EXPECT_EQ(severity_of(4, 4), Severity::info);
  EXPECT_EQ(severity_of(4.99, 4), Severity::info);
  EXPECT_EQ(severity_of(5, 4), Severity::warning);
  EXPECT_EQ(severity_of(6, 4), Severity::critical);
}

TEST(Combination, TakesOneEventsSurpriseOfThoseWhoJudgeOne) {
  const Opinion one{.has_p = true, .surprise = 4};
  const Opinion other{.has_p = true, .surprise = 1};
  const Opinion stretch{.has_p = true, .surprise = 9, .is_of_stretch = true};
  EXPECT_EQ(surprise_of_one_event(std::array{one, stretch}), 4);
  EXPECT_NEAR(surprise_of_one_event(std::array{other, one}), 4 - .30103, 1e-6);
  EXPECT_EQ(surprise_of_one_event(std::array{stretch}), 0);
  EXPECT_EQ(surprise_of_one_event(std::array{Opinion{}}), 0);
}

}  // namespace
}  // namespace tocsin
