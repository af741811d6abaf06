#include "detectors/cusum/cusum.h"

#include <gtest/gtest.h>

#include <cmath>

#include "detectors/one_feature_for_test.h"

namespace tocsin {
namespace {

OneFeature cusum(std::initializer_list<std::pair<std::string_view, double>> changes = {}) {
  return OneFeature(kCusum, changes);
}

TEST(Cusum, MatchesTheHandWorkedExample) {
  OneFeature one = cusum({{"warmup_points", 3}, {"half_life_points", 1e6}});
  // The level is 10, and both sides spread 1 in the mean: a deviation is sqrt(pi / 2) = 1.2533.
  for (int i = 0; i < 300'000; ++i) one.learn(i % 2 == 0 ? 11 : 9);

  one.learn(10);  // Both sums lose half a deviation, and were less.
  // 12.5066 is two deviations up: each adds 2 - 0.5.
  EXPECT_NEAR(*one.score(12.5066), 1.5, 0.01);
  one.learn(12.5066);
  EXPECT_NEAR(*one.score(12.5066), 3, 0.01);
  // Far off counts three deviations.
  EXPECT_NEAR(*one.score(1000), 4, 0.01);
}

TEST(Cusum, TakesSeventyTwoBytesAFeature) { EXPECT_EQ(cusum().bytes(), 72U); }

TEST(Cusum, FindsAShiftOfOneDeviationWithin30PointsAndTakesItForTheLevel) {
  OneFeature one = cusum();
  const auto shifted = [](std::uint64_t i) { return 1 + noise(i); };
  one.highest(0, 1000, [](std::uint64_t i) { return noise(i); });

  EXPECT_GT(one.highest(1000, 30, shifted), 8);
  one.highest(1030, 60, shifted);
  EXPECT_LT(one.highest(1090, 200, shifted), 8);
}

TEST(Cusum, FindsShiftsUpAndDown) {
  OneFeature down = cusum({{"direction", 2}});
  down.highest(0, 1000, [](std::uint64_t i) { return noise(i); });
  OneFeature up = down;

  EXPECT_GT(down.highest(1000, 30, [](std::uint64_t i) { return noise(i) - 1; }), 7);
  EXPECT_LT(up.highest(1000, 30, [](std::uint64_t i) { return noise(i) + 1; }), 5);
}

TEST(Cusum, ASingleOutlierRaisesNoAlarm) {
  OneFeature one = cusum();
  one.highest(0, 1000, [](std::uint64_t i) { return noise(i); });
  const double score = one.next(1e12);

  EXPECT_LT(score, 7);
  EXPECT_LT(one.highest(1001, 200, [](std::uint64_t i) { return noise(i); }), 8);
}

TEST(Cusum, GathersLessFromLessWeight) {
  OneFeature one = cusum();
  one.highest(0, 1000, [](std::uint64_t i) { return noise(i); });
  for (int i = 0; i < 20; ++i) one.learn(2, 0.1);

  EXPECT_LT(*one.score(2), 8);
}

TEST(Cusum, RaisesFewFalseAlarmsOnNoise) {
  EXPECT_LT(share_above(8, 20, 3000, [] { return cusum(); }), 0.001);
}

}  // namespace
}  // namespace tocsin
