#include "detectors/variance_change/variance_change.h"

#include <gtest/gtest.h>

#include <cmath>

#include "detectors/one_feature_for_test.h"

namespace tocsin {
namespace {

OneFeature variance_change(
    std::initializer_list<std::pair<std::string_view, double>> changes = {}) {
  return OneFeature(kVarianceChange, changes);
}

/// White noise of one size, then of another from point 1,000 on.
auto changing_by(double factor) {
  return [factor](std::uint64_t i) { return 50 + noise(i) * (i < 1000 ? 1 : factor); };
}

TEST(VarianceChange, MatchesTheHandWorkedExample) {
  OneFeature one = variance_change();
  // The level is 0, and each distance 1: all logarithms are 0.
  for (int i = 0; i < 3 + 144 + 12; ++i) one.learn(i % 2 == 0 ? 1 : -1);

  for (int i = 0; i < 11; ++i) one.learn(i % 2 == 0 ? 3 : -3);

  // Eleven distances and the twelfth are 3: the mean is ln 3 = 35.2 steps of 1/32, so 35. Blocks of
  // 12 normal logarithms vary by pi^2 / 8 / 12, and the error is of one block against eight.
  const double error = std::sqrt(1.2337005501361697 / 12 * (1 + 1.0 / 8));
  EXPECT_NEAR(*one.score(3), 35.0 / 32 / error, 0.1);
}

TEST(VarianceChange, TakesAHundredAndSixtyEightBytesAFeature) {
  EXPECT_EQ(variance_change().bytes(), 168U);
}

TEST(VarianceChange, FindsTripledNoiseWithin24Points) {
  OneFeature one = variance_change();
  const double before = one.highest(0, 1000, changing_by(3));

  EXPECT_GT(one.highest(1000, 24, changing_by(3)), 2.9);
  EXPECT_LT(before, 4.5);
}

TEST(VarianceChange, FindsNoiseThatHalvesWithin60Points) {
  OneFeature one = variance_change({{"direction", 2}});
  one.highest(0, 1000, changing_by(0.4));

  EXPECT_GT(one.highest(1000, 60, changing_by(0.4)), 4.5);
}

TEST(VarianceChange, LooksOneWayWhenToldTo) {
  OneFeature quieter = variance_change({{"direction", 2}});
  quieter.highest(0, 1000, changing_by(10));

  EXPECT_EQ(quieter.highest(1012, 40, changing_by(10)), 0);
}

TEST(VarianceChange, TakesNeitherASpikeNorALevelShiftForNoise) {
  OneFeature spiked = variance_change();
  OneFeature shifted = variance_change();
  for (std::uint64_t i = 0; i < 1000; ++i) {
    spiked.learn(noise(i));
    shifted.learn(noise(i));
  }
  spiked.learn(1e9);

  EXPECT_LT(spiked.highest(1001, 60, [](std::uint64_t i) { return noise(i); }), 4);
  // While the level has not been adopted everything lies far off; then it is as quiet as before.
  for (std::uint64_t i = 1000; i < 1500; ++i) shifted.learn(40 + noise(i));
  EXPECT_LT(shifted.highest(1500, 100, [](std::uint64_t i) { return 40 + noise(i); }), 4);
}

TEST(VarianceChange, IgnoresChangesBelowTheLeastOne) {
  OneFeature one = variance_change({{"min_change", 10}});

  EXPECT_EQ(one.highest(0, 1200, changing_by(3)), 0);
}

TEST(VarianceChange, RaisesFewFalseAlarmsOnNoise) {
  EXPECT_LT(share_above(4.5, 20, 2000, [] { return variance_change(); }), 0.001);
}

TEST(VarianceChange, GetsUsedToNoiseThatStays) {
  OneFeature one = variance_change();
  one.highest(0, 1800, changing_by(4));

  EXPECT_LT(one.highest(1800, 200, changing_by(4)), 4.5);
}

TEST(VarianceChange, IsTheSameInOtherUnits) {
  OneFeature one = variance_change();
  OneFeature other = variance_change();
  for (std::uint64_t i = 0; i < 1010; ++i) {
    one.learn(changing_by(3)(i));
    other.learn(1e-6 * changing_by(3)(i));
  }

  EXPECT_NEAR(*one.score(55), *other.score(55e-6), 0.2);
}

}  // namespace
}  // namespace tocsin
