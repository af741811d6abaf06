#include "detectors/iqr_fences/iqr_fences.h"

#include <gtest/gtest.h>

#include <cmath>

#include "detectors/one_feature_for_test.h"

namespace tocsin {
namespace {

OneFeature iqr_fences(std::initializer_list<std::pair<std::string_view, double>> changes = {}) {
  return OneFeature(kIqrFences, changes);
}

TEST(IqrFences, MatchesTheHandWorkedExample) {
  OneFeature one = iqr_fences({{"half_life_points", 1e6}});
  // Whole numbers from 0 to 100 alike: quartiles are 25 and 75.
  for (std::uint64_t i = 0; i < 100'000; ++i) {
    one.learn(static_cast<double>(random_bits({.seed = 2, .count = i}) % 101));
  }

  // 300 lies 225 beyond, four and a half distances of 50; 200 two and a half, within the fence.
  EXPECT_NEAR(*one.score(300), 4.5, 0.2);
  EXPECT_NEAR(*one.score(-200), 4.5, 0.2);
  EXPECT_EQ(*one.score(200), 0);
  EXPECT_EQ(*one.score(50), 0);
}

TEST(IqrFences, TakesSeventyTwoBytesAFeature) { EXPECT_EQ(iqr_fences().bytes(), 72U); }

TEST(IqrFences, TheFenceMovesWithK) {
  OneFeature near = iqr_fences({{"k", 1.5}});
  OneFeature far = iqr_fences({{"k", 8}});
  for (std::uint64_t i = 0; i < 2000; ++i) {
    near.learn(noise(i));
    far.learn(noise(i));
  }

  // The quartiles are 1.35 deviations apart: the near fence is at 2.7, the far one at 11.5.
  EXPECT_EQ(*near.score(2), 0);
  EXPECT_GT(*near.score(3.5), 1.5);
  EXPECT_EQ(*far.score(9), 0);
  EXPECT_GT(*far.score(14), 8);
}

TEST(IqrFences, IsNotMovedByTheSizeOfAnOutlier) {
  OneFeature small = iqr_fences();
  for (std::uint64_t i = 0; i < 1000; ++i) small.learn(noise(i));
  OneFeature huge = small;
  for (int i = 0; i < 20; ++i) {
    small.learn(8);
    huge.learn(1e200);
  }

  EXPECT_NEAR(*huge.score(12), *small.score(12), 0.02 * *small.score(12));
}

TEST(IqrFences, KnowsASkewedFeature) {
  OneFeature one = iqr_fences();
  for (std::uint64_t i = 0; i < 5000; ++i) one.learn(noise(i) * noise(i));

  // A chi-square has its quartiles at 0.1 and 1.32; nothing is below 0, and 4 is usual.
  EXPECT_EQ(*one.score(4), 0);
  EXPECT_GT(*one.score(20), 10);
}

TEST(IqrFences, GivesARareSecondValueAModestScore) {
  OneFeature one = iqr_fences();
  for (int i = 0; i < 5000; ++i) one.learn(i % 25 == 0 ? 1 : 0);

  EXPECT_LT(*one.score(1), 20);
  EXPECT_GT(*one.score(100), 100);
}

TEST(IqrFences, FollowsAnotherLevel) {
  OneFeature one = iqr_fences({{"half_life_points", 100}});
  for (std::uint64_t i = 0; i < 1000; ++i) one.learn(noise(i));
  EXPECT_GT(*one.score(30), 10);
  for (std::uint64_t i = 1000; i < 2000; ++i) one.learn(30 + noise(i));

  EXPECT_EQ(*one.score(30), 0);
  EXPECT_GT(*one.score(0), 10);
}

TEST(IqrFences, LooksOneWayWhenToldTo) {
  OneFeature up = iqr_fences({{"direction", 1}});
  for (std::uint64_t i = 0; i < 1000; ++i) up.learn(noise(i));

  EXPECT_GT(*up.score(20), 5);
  EXPECT_EQ(*up.score(-20), 0);
}

TEST(IqrFences, RaisesFewFalseAlarmsOnNoise) {
  EXPECT_LT(share_above(0, 20, 2000, [] { return iqr_fences(); }), 0.0003);
}

}  // namespace
}  // namespace tocsin
