#include "detectors/medoids/medoids.h"

#include <gtest/gtest.h>

#include <cmath>

#include "detectors/one_feature_for_test.h"

namespace tocsin {
namespace {

OneFeature medoids(std::initializer_list<std::pair<std::string_view, double>> changes = {}) {
  return OneFeature(kMedoids, changes);
}

/// A sawtooth of 12 points with a little noise.
double sawtooth(std::uint64_t i) { return static_cast<double>(i % 12) + 0.2 * noise(i); }

TEST(Medoids, TakesNineHundredAndTwelveBytesAFeature) { EXPECT_EQ(medoids().bytes(), 912U); }

TEST(Medoids, IsOneOnAverageWhenNothingIsStrange) {
  OneFeature one = medoids();
  double sum = 0;
  for (std::uint64_t i = 0; i < 3000; ++i) {
    const double score = one.next(sawtooth(i));
    if (i >= 1000) sum += score / 2000;
  }

  EXPECT_NEAR(sum, 1, 0.15);
}

TEST(Medoids, FindsASawtoothThatFalls) {
  OneFeature one = medoids();
  const double before = one.highest(0, 2000, sawtooth);

  EXPECT_GT(one.highest(2000, 20, [](std::uint64_t i) { return 11 - sawtooth(i); }), 2 * before);
}

TEST(Medoids, RecognisesAShapeThatItHasSeen) {
  OneFeature one = medoids();
  const auto falling = [](std::uint64_t i) { return 11 - sawtooth(i); };
  one.highest(0, 2000, sawtooth);
  const double first = one.highest(2000, 36, falling);
  one.highest(2036, 300, sawtooth);
  one.highest(2336, 36, falling);
  one.highest(2372, 300, sawtooth);

  EXPECT_LT(one.highest(2672, 36, falling), 0.8 * first);
}

TEST(Medoids, RemembersNothingNewFromLittleWeight) {
  OneFeature one = medoids();
  const auto falling = [](std::uint64_t i) { return 11 - sawtooth(i); };
  one.highest(0, 2000, sawtooth);
  OneFeature doubtful = one;
  for (std::uint64_t i = 2000; i < 2200; ++i) {
    one.learn(falling(i));
    doubtful.learn(falling(i), 0.1);
  }

  EXPECT_GT(doubtful.highest(2200, 24, falling), 2 * one.highest(2200, 24, falling));
}

TEST(Medoids, IsHardlyMovedByAnOutlier) {
  OneFeature one = medoids();
  one.highest(0, 2000, sawtooth);
  one.learn(1e9);
  one.highest(2001, 16, sawtooth);

  EXPECT_LT(one.highest(2017, 200, sawtooth), 3);
  EXPECT_GT(one.highest(2217, 20, [](std::uint64_t i) { return 11 - sawtooth(i); }), 3);
}

TEST(Medoids, RaisesFewFalseAlarmsOnNoise) {
  EXPECT_LT(share_above(1.8, 10, 2000, [] { return medoids(); }), 0.002);
}

}  // namespace
}  // namespace tocsin
