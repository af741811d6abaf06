#include "detectors/baseline.h"

#include <gtest/gtest.h>

#include <cmath>

#include "detectors/model_for_test.h"

namespace tocsin {
namespace {

Baseline learned(std::initializer_list<double> values) {
  const BaselineRule rule(100);
  Baseline baseline{};
  for (const double value : values) rule.learn(baseline, value, 1);
  return baseline;
}

TEST(Baseline, MatchesTheHandWorkedExample) {
  const Baseline baseline = learned({9, 14, 10});

  // The median is 10; spreads are 4 above and 1 below, of one point each. One more point's weight
  // goes to the other side: both are (4 + 1) / 2 = 2.5 mean absolute deviations.
  EXPECT_DOUBLE_EQ(baseline.level, 10);
  EXPECT_NEAR(deviation(baseline, 10), 2.5 * 1.2533141373155, 1e-12);
  EXPECT_NEAR(standardised(baseline, 5), -5 / (2.5 * 1.2533141373155), 1e-12);
}

TEST(Baseline, StandardisesASkewedFeatureToAMeanNearZero) {
  const BaselineRule rule(500);
  Baseline baseline{};
  double sum = 0;
  for (std::uint64_t i = 0; i < 6000; ++i) {
    const double normal = nearly_normal({.seed = 3, .count = i});
    const double value = normal * normal;
    if (i >= 1000) sum += standardised(baseline, value) / 5000;
    rule.learn(baseline, value, 1);
  }

  EXPECT_NEAR(sum, 0, 0.15);
}

TEST(Baseline, GivesARareSecondValueAModestDistance) {
  const BaselineRule rule(500);
  Baseline baseline{};
  for (int i = 0; i < 3000; ++i) rule.learn(baseline, i % 50 == 0 ? 1 : 0, 1);

  EXPECT_GT(standardised(baseline, 1), 0.5);
  EXPECT_LT(standardised(baseline, 1), 4);
  EXPECT_GT(standardised(baseline, 20), 10);
}

TEST(Baseline, IsMovedAlikeByOutliersOfAnySize) {
  Baseline far = learned({9, 14, 10, 11, 10, 9, 12});
  Baseline farther = far;

  BaselineRule(100).learn(far, 1e3, 1);
  BaselineRule(100).learn(farther, 1e200, 1);

  EXPECT_EQ(far.level, farther.level);
  EXPECT_EQ(far.spread, farther.spread);
}

TEST(Baseline, TellsHowFarAnAdoptedLevelIs) {
  const BaselineRule rule(100);
  Baseline baseline = learned({9, 11, 10, 9, 11, 10, 9, 11, 10});
  double jump = 0;
  for (int i = 0; i < 25; ++i) {
    EXPECT_EQ(jump, 0) << i;
    jump = rule.learn(baseline, 1000, 1);
  }

  EXPECT_EQ(baseline.level, 1000);
  EXPECT_GT(jump, 800);
}

TEST(Baseline, IsFiniteAtBothEndsOfAllNumbers) {
  const Baseline baseline = learned({-kLargestValue, kLargestValue, 0, 5e-324, kLargestValue});

  for (const double value : {kLargestValue, -kLargestValue, 0.0, 5e-324}) {
    EXPECT_TRUE(std::isfinite(standardised(baseline, value))) << value;
  }
}

}  // namespace
}  // namespace tocsin
