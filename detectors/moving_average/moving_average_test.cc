#include "detectors/moving_average/moving_average.h"

#include <gtest/gtest.h>

#include <cmath>

#include "detectors/one_feature_for_test.h"

namespace tocsin {
namespace {

OneFeature moving_average(std::initializer_list<std::pair<std::string_view, double>> changes = {}) {
  return OneFeature(kMovingAverage, changes);
}

double unmoved(std::uint64_t i) { return noise(i); }

TEST(MovingAverage, TakesSeventyTwoBytesAFeature) { EXPECT_EQ(moving_average().bytes(), 72U); }

TEST(MovingAverage, IsInStandardDeviationsOfTheAverage) {
  OneFeature one = moving_average({{"short_points", 9}, {"long_points", 100'000}});
  // Learning 200,000 points takes the level to 0, and the average's deviation to that of an
  // exponentially weighted mean, sqrt(share / (2 - share)) = 1/3 with a share of 1/5.
  for (std::uint64_t i = 0; i < 200'000; ++i) one.learn(noise(i));
  for (int i = 0; i < 200; ++i) one.learn(0);

  // The average is 0 now, and goes a fifth of the way to 5.
  EXPECT_NEAR(*one.score(5), 3, 0.1);
}

TEST(MovingAverage, FindsAShiftOfTwoDeviationsWithin12Points) {
  OneFeature one = moving_average();
  one.highest(0, 2000, unmoved);

  EXPECT_GT(one.highest(2000, 12, [](std::uint64_t i) { return 2 + noise(i); }), 5);
}

TEST(MovingAverage, ASingleOutlierIsGoneAfterAFewPoints) {
  OneFeature one = moving_average();
  one.highest(0, 2000, unmoved);
  one.learn(1e9);
  one.highest(2001, 15, unmoved);

  EXPECT_LT(one.highest(2016, 100, unmoved), 4.5);
}

TEST(MovingAverage, GetsUsedToAnotherLevel) {
  OneFeature one = moving_average();
  const auto moved = [](std::uint64_t i) { return 1000 + noise(i); };
  one.highest(0, 2000, unmoved);
  EXPECT_GT(one.highest(2000, 50, moved), 6);
  one.highest(2050, 1000, moved);

  EXPECT_LT(one.highest(3050, 500, moved), 5);
}

TEST(MovingAverage, LooksOneWayWhenToldTo) {
  OneFeature down = moving_average({{"direction", 2}});
  down.highest(0, 1000, unmoved);

  EXPECT_EQ(down.highest(1000, 12, [](std::uint64_t i) { return 50 + noise(i); }), 0);
}

TEST(MovingAverage, RefusesAShortOneThatIsNotShorter) {
  Settings settings(kMovingAverage.parameters);
  settings.set("short_points", 30);
  settings.set("long_points", 30);

  const auto made = kMovingAverage.make(settings, 1, 1);

  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error().message, "`short_points` must be less than `long_points`");
}

TEST(MovingAverage, RaisesFewFalseAlarmsOnNoise) {
  EXPECT_LT(share_above(5.5, 20, 3000, [] { return moving_average(); }), 0.0005);
}

}  // namespace
}  // namespace tocsin
