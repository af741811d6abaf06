#include "detectors/trend_change/trend_change.h"

#include <gtest/gtest.h>

#include <cmath>

#include "detectors/one_feature_for_test.h"

namespace tocsin {
namespace {

OneFeature trend_change(std::initializer_list<std::pair<std::string_view, double>> changes = {}) {
  return OneFeature(kTrendChange, changes);
}

double flat(std::uint64_t i) { return 100 + noise(i); }

/// Flat, then climbing by `slope` a point from point 1,000 on.
auto climbing(double slope) {
  return [slope](std::uint64_t i) {
    return flat(i) + (i < 1000 ? 0 : slope * static_cast<double>(i - 1000));
  };
}

TEST(TrendChange, MatchesTheHandWorkedExample) {
  OneFeature one = trend_change();
  // Blocks of 8 points are -1 and 1 in turn, from the 200th on with a slope of 1 a block. The
  // signs are paired so that they have no slope: + - - + + - - +.
  const auto block = [](int i) {
    const double sign = i % 4 == 0 || i % 4 == 3 ? 1 : -1;
    return sign + (i < 24 ? 0 : i - 24);
  };
  for (int i = 0; i < 32; ++i) {
    for (int j = 0; j < 8; ++j) one.learn(block(i));
  }

  // Before, the slope is 0 and the residuals are 24 ones: a variance of 24 / 22. Of late it is 1,
  // and 8 / 6. Eight places have squares of 42, twenty-four 1150. The point at hand is an eighth of
  // a block, so it adds little; it lies on the line, which is at 7 in the last block, 9/16 later.
  const double expected = 1 / std::sqrt(8.0 / 6 * (1.0 / 42 + 1.0 / 1150));
  EXPECT_NEAR(*one.score(7.5625), expected, 0.05 * expected);
}

TEST(TrendChange, TakesAHundredAndSixtyEightBytesAFeature) {
  EXPECT_EQ(trend_change().bytes(), 168U);
}

TEST(TrendChange, FindsARampWithin64Points) {
  OneFeature one = trend_change();
  const double before = one.highest(0, 1000, climbing(0.1));

  EXPECT_GT(one.highest(1000, 64, climbing(0.1)), 2 * before);
}

TEST(TrendChange, IsSilentOnATrendThatHasAlwaysBeenThere) {
  OneFeature one = trend_change();
  const auto line = [](std::uint64_t i) { return noise(i) + 3 * static_cast<double>(i); };

  EXPECT_LT(one.highest(0, 20'000, line), 7);
}

TEST(TrendChange, FindsThatATrendEnds) {
  OneFeature one = trend_change({{"direction", 2}});
  const auto ending = [](std::uint64_t i) {
    return noise(i) + 0.2 * static_cast<double>(std::min<std::uint64_t>(i, 5000));
  };
  const double before = one.highest(0, 5000, ending);

  EXPECT_GT(one.highest(5000, 64, ending), 1.5 * before);
}

TEST(TrendChange, LooksOneWayWhenToldTo) {
  OneFeature down = trend_change({{"direction", 2}});
  down.highest(0, 1000, climbing(1));

  EXPECT_EQ(down.highest(1020, 44, climbing(1)), 0);
}

TEST(TrendChange, TakesNeitherASpikeNorAShiftForMuchOfATrend) {
  OneFeature spiked = trend_change();
  OneFeature shifted = trend_change();
  const double before = spiked.highest(0, 1000, flat);
  shifted.highest(0, 1000, flat);

  spiked.learn(1e9);

  EXPECT_LT(spiked.highest(1000, 300, flat), before + 2);
  EXPECT_LT(shifted.highest(1000, 400, [](std::uint64_t i) { return 1000 + flat(i); }), 9);
}

TEST(TrendChange, WorksFarFromTheOriginAndInOtherUnits) {
  OneFeature one = trend_change();
  OneFeature other = trend_change();
  for (std::uint64_t i = 0; i < 1060; ++i) {
    one.learn(climbing(0.1)(i));
    other.learn(1e9 * climbing(0.1)(i) - 1e12);
  }

  EXPECT_NEAR(*one.score(106), *other.score(106e9 - 1e12), 0.05 * *one.score(106));
}

TEST(TrendChange, RaisesFewFalseAlarmsOnNoise) {
  EXPECT_LT(share_above(5, 20, 2000, [] { return trend_change(); }), 0.002);
}

}  // namespace
}  // namespace tocsin
