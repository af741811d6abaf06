#include "detectors/z_score/z_score.h"

#include <gtest/gtest.h>

#include <cmath>

#include "detectors/one_feature_for_test.h"

namespace tocsin {
namespace {

OneFeature z_score(std::initializer_list<std::pair<std::string_view, double>> changes = {}) {
  return OneFeature(kZScore, changes);
}

TEST(ZScore, MatchesTheHandWorkedExample) {
  OneFeature one = z_score({{"warmup_points", 3}});

  for (const double value : {2.0, 4.0, 9.0}) one.learn(value);

  // The mean is 5, the variance (9 + 1 + 16) / 3.
  EXPECT_DOUBLE_EQ(one.expectation()->expected, 5);
  EXPECT_NEAR(*one.score(11), 6 / std::sqrt(26.0 / 3), 1e-12);
}

TEST(ZScore, TakesTwentyFourBytesAFeature) { EXPECT_EQ(z_score().bytes(), 24U); }

TEST(ZScore, HalvesTheWeightOfWhatIsAHalfLifeOld) {
  OneFeature one = z_score({{"half_life_points", 10}});
  for (int i = 0; i < 1000; ++i) one.learn(i % 2 == 0 ? 99 : 101);
  for (int i = 0; i < 10; ++i) one.learn(i % 2 == 0 ? 103 : 105);

  // From 100 half the way to 104, but for where in its swing it is.
  EXPECT_NEAR(one.expectation()->expected, 102, 0.2);
}

TEST(ZScore, IsHardlyMovedByAnOutlier) {
  OneFeature one = z_score();
  for (std::uint64_t i = 0; i < 1000; ++i) one.learn(noise(i));
  const double before = *one.score(6);
  one.learn(1e12);

  EXPECT_GT(*one.score(6), 0.85 * before);
}

TEST(ZScore, RecoversFromAnOutlierAtTheStart) {
  OneFeature one = z_score();
  one.learn(1e6);
  for (std::uint64_t i = 0; i < 5000; ++i) one.learn(noise(i));

  EXPECT_GT(*one.score(20), 6);
}

TEST(ZScore, LooksOneWayWhenToldTo) {
  OneFeature down = z_score({{"direction", 2}});
  for (std::uint64_t i = 0; i < 100; ++i) down.learn(noise(i));

  EXPECT_EQ(*down.score(20), 0);
  EXPECT_GT(*down.score(-20), 5);
}

TEST(ZScore, RaisesFewFalseAlarmsOnNoise) {
  EXPECT_LT(share_above(5, 20, 2000, [] { return z_score(); }), 0.0003);
}

}  // namespace
}  // namespace tocsin
