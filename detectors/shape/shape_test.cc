#include "detectors/shape/shape.h"

#include <gtest/gtest.h>

#include <cmath>

#include "detectors/one_feature_for_test.h"

namespace tocsin {
namespace {

OneFeature shape(std::initializer_list<std::pair<std::string_view, double>> changes = {}) {
  return OneFeature(kShape, changes);
}

/// A wave of 16 points with a little noise, without the C library's sine.
double wave(std::uint64_t i) {
  const double x = static_cast<double>(i % 16) / 8 - 1;  // a cycle is [-1, 1)
  return 4 * x * (1 - std::fabs(x)) + 0.05 * noise(i);
}

/// Within the same range, and as noisy, but of 10 points.
double faster_wave(std::uint64_t i) {
  const double x = static_cast<double>(i % 10) / 5 - 1;
  return 4 * x * (1 - std::fabs(x)) + 0.05 * noise(i);
}

TEST(Shape, TakesFiveHundredAndTwentyBytesAFeature) { EXPECT_EQ(shape().bytes(), 520U); }

TEST(Shape, IsOneOnAverageWhenNothingIsStrange) {
  OneFeature one = shape();
  double sum = 0;
  for (std::uint64_t i = 0; i < 3000; ++i) {
    const double score = one.next(wave(i));
    if (i >= 1000) sum += score / 2000;
  }

  EXPECT_NEAR(sum, 1, 0.15);
}

TEST(Shape, LeavesNothingOfAPerfectWave) {
  // A line through 0 repeats one shape; two sines at most make it. The rest is rounding.
  OneFeature one = shape();
  const auto clean = [](std::uint64_t i) { return i % 4 < 2 ? 1.0 : -1.0; };
  for (std::uint64_t i = 0; i < 4000; ++i) one.learn(clean(i));

  EXPECT_LT(*one.score(clean(4000)), 1.5);
  EXPECT_GT(*one.score(-clean(4000)), 5);
}

TEST(Shape, FindsAnotherFrequencyInTheSameRange) {
  OneFeature one = shape();
  const double before = one.highest(0, 2000, wave);

  EXPECT_GT(one.highest(2000, 32, faster_wave), 2 * before);
}

TEST(Shape, FindsAMissedBeatWithin16Points) {
  OneFeature one = shape();
  const double before = one.highest(0, 2000, wave);

  EXPECT_GT(one.highest(2000, 16, [](std::uint64_t i) { return wave(i + 8); }), 2 * before);
}

TEST(Shape, DoesNotMindAnotherLevelForLong) {
  OneFeature one = shape();
  one.highest(0, 2000, wave);
  one.highest(2000, 400, [](std::uint64_t i) { return 30 + wave(i); });

  EXPECT_LT(one.highest(2400, 400, [](std::uint64_t i) { return 30 + wave(i); }), 4);
}

TEST(Shape, DoesNotLearnAnOutlierForAShape) {
  OneFeature one = shape();
  one.highest(0, 2000, wave);
  one.learn(1e6);
  one.highest(2001, 40, wave);

  EXPECT_LT(one.highest(2041, 200, wave), 3);
  EXPECT_GT(one.highest(2241, 32, faster_wave), 4);
}

TEST(Shape, RaisesFewFalseAlarmsOnNoise) {
  EXPECT_LT(share_above(1.7, 10, 2000, [] { return shape(); }), 0.002);
}

}  // namespace
}  // namespace tocsin
