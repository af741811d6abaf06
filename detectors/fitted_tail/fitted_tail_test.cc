#include "detectors/fitted_tail/fitted_tail.h"

#include <gtest/gtest.h>

#include <cmath>

#include "detectors/elementary.h"
#include "detectors/one_feature_for_test.h"

namespace tocsin {
namespace {

OneFeature fitted_tail(std::initializer_list<std::pair<std::string_view, double>> changes = {}) {
  return OneFeature(kFittedTail, changes);
}

/// Exponential values of mean 1.
double exponential(std::uint64_t i, std::uint64_t series = 0) {
  return -natural_log1p(-random_unit({.seed = 6, .key = series, .count = i}));
}

TEST(FittedTail, MatchesTheHandWorkedExample) {
  OneFeature one = fitted_tail({{"half_life_points", 1e6}, {"direction", 1}});
  for (std::uint64_t i = 0; i < 100'000; ++i) one.learn(exponential(i));

  // The tail of exponential values beyond x is e^-x, wherever it begins.
  EXPECT_NEAR(*one.score(6), 6, 0.3);
  EXPECT_NEAR(*one.score(9), 9, 0.6);
  EXPECT_EQ(*one.score(2), 0);
}

TEST(FittedTail, TakesAHundredAndTwelveBytesAFeature) { EXPECT_EQ(fitted_tail().bytes(), 112U); }

TEST(FittedTail, KnowsAHeavyTail) {
  OneFeature one = fitted_tail({{"half_life_points", 1e6}});
  // A Pareto tail of shape 0.3: x is exceeded with probability x^-1/0.3.
  for (std::uint64_t i = 0; i < 100'000; ++i) one.learn(natural_exp(0.3 * exponential(i)));

  EXPECT_NEAR(*one.score(natural_exp(0.3 * 7)), 7, 0.7);
  EXPECT_NEAR(*one.score(natural_exp(0.3 * 9)), 9, 1.2);
}

TEST(FittedTail, AlarmsAsOftenAsItSaysOnNormalAndExponentialValues) {
  int normal = 0;
  int skewed = 0;
  for (std::uint64_t series = 0; series < 20; ++series) {
    OneFeature one = fitted_tail();
    OneFeature other = fitted_tail();
    for (std::uint64_t i = 0; i < 5000; ++i) {
      normal += one.next(noise(i, series)) > 6.2 ? 1 : 0;
      skewed += other.next(exponential(i, series)) > 6.2 ? 1 : 0;
    }
  }

  // One in 500 on each side, of 96,000 points that were scored: 192 for each side at most. A normal
  // tail is lighter than the exponential one that stands for it.
  EXPECT_LE(normal, 1.25 * 2 * 192);
  EXPECT_LE(skewed, 1.5 * 192);
  EXPECT_GE(skewed, 0.6 * 192);
}

TEST(FittedTail, IsHardlyMovedByOutliers) {
  OneFeature one = fitted_tail();
  for (std::uint64_t i = 0; i < 3000; ++i) one.learn(noise(i));
  const double before = *one.score(8);
  for (int i = 0; i < 3; ++i) one.learn(1e12);

  EXPECT_GT(before, 12);
  EXPECT_GT(*one.score(8), 0.5 * before);
}

TEST(FittedTail, TellsTheSidesApart) {
  OneFeature one = fitted_tail();
  for (std::uint64_t i = 0; i < 5000; ++i) one.learn(exponential(i));

  EXPECT_LT(*one.score(6), 8);
  EXPECT_GT(*one.score(-4), 30);
}

TEST(FittedTail, LooksOneWayWhenToldTo) {
  OneFeature down = fitted_tail({{"direction", 2}});
  for (std::uint64_t i = 0; i < 1000; ++i) down.learn(noise(i));

  EXPECT_EQ(*down.score(20), 0);
  EXPECT_GT(*down.score(-20), 10);
}

}  // namespace
}  // namespace tocsin
