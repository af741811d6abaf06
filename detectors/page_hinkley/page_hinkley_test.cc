#include "detectors/page_hinkley/page_hinkley.h"

#include <gtest/gtest.h>

#include <cmath>

#include "detectors/one_feature_for_test.h"

namespace tocsin {
namespace {

OneFeature page_hinkley(std::initializer_list<std::pair<std::string_view, double>> changes = {}) {
  return OneFeature(kPageHinkley, changes);
}

double still(std::uint64_t i) { return noise(i); }

TEST(PageHinkley, MatchesTheHandWorkedExample) {
  OneFeature one = page_hinkley({{"drift", 0.5}, {"warmup_points", 3}});
  for (const double value : {9.0, 14.0, 10.0}) one.learn(value);

  // The mean of these is taken to be 10, a deviation 2.5 sqrt(pi / 2) = 3.1333. 16 is 1.9149 of
  // them up.
  EXPECT_NEAR(*one.score(16), 6 / 3.13328534328875 - 0.5, 1e-9);
  EXPECT_NEAR(*one.score(7), 3 / 3.13328534328875 - 0.5, 1e-9);
}

TEST(PageHinkley, TakesSeventyTwoBytesAFeature) { EXPECT_EQ(page_hinkley().bytes(), 72U); }

TEST(PageHinkley, FindsAShiftOfHalfADeviationWithin200Points) {
  OneFeature one = page_hinkley();
  EXPECT_LT(one.highest(0, 3000, still), 40);

  EXPECT_GT(one.highest(3000, 200, [](std::uint64_t i) { return 0.5 + noise(i); }), 50);
}

TEST(PageHinkley, FindsASlowDrift) {
  OneFeature one = page_hinkley();
  one.highest(0, 3000, still);

  EXPECT_GT(
      one.highest(3000, 600,
                  [](std::uint64_t i) { return noise(i) + 0.002 * static_cast<double>(i - 3000); }),
      50);
}

TEST(PageHinkley, TakesTheShiftForTheLevel) {
  OneFeature one = page_hinkley();
  const auto shifted = [](std::uint64_t i) { return 3 + noise(i); };
  one.highest(0, 3000, still);
  EXPECT_GT(one.highest(3000, 40, shifted), 50);
  one.highest(3040, 100, shifted);

  EXPECT_LT(one.highest(3140, 1000, shifted), 50);
}

TEST(PageHinkley, ASingleOutlierRaisesNoAlarm) {
  OneFeature one = page_hinkley();
  one.highest(0, 1000, still);
  one.learn(1e12);

  EXPECT_LT(one.highest(1001, 500, still), 50);
}

TEST(PageHinkley, RaisesFewFalseAlarmsOnNoise) {
  EXPECT_LT(share_above(50, 20, 3000, [] { return page_hinkley(); }), 0.0002);
}

}  // namespace
}  // namespace tocsin
