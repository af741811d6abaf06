#include "detectors/autoregression/autoregression.h"

#include <gtest/gtest.h>

#include <cmath>

#include "detectors/one_feature_for_test.h"

namespace tocsin {
namespace {

OneFeature autoregression(std::initializer_list<std::pair<std::string_view, double>> changes = {}) {
  return OneFeature(kAutoregression, changes);
}

/// A series in which each value goes on to nine tenths of the next: its spread is 2.3, what is new
/// in it 1.
class Sluggish {
 public:
  double operator()(std::uint64_t i) { return value_ = 0.9 * value_ + noise(i); }

 private:
  double value_ = 0;
};

TEST(Autoregression, PredictsAnAlternatingSeries) {
  OneFeature one = autoregression();
  for (int i = 0; i < 1000; ++i) one.learn(i % 2 == 0 ? 12 : 8);

  // Every value is 20 less the one before; the last was 8.
  EXPECT_NEAR(one.expectation()->expected, 12, 0.05);
  EXPECT_LT(*one.score(12), 1);
  // 4 off, where residuals are taken to be a hundredth of a deviation at least, which is about 2.
  EXPECT_GT(*one.score(8), 100);
}

TEST(Autoregression, TakesAHundredAndNinetyTwoBytesAFeature) {
  EXPECT_EQ(autoregression().bytes(), 192U);
}

TEST(Autoregression, IsInStandardDeviationsOfWhatIsNew) {
  OneFeature one = autoregression();
  Sluggish series;
  double last = 0;
  for (std::uint64_t i = 0; i < 5000; ++i) one.learn(last = series(i));

  EXPECT_NEAR(*one.score(0.9 * last + 5), 5, 0.6);
  EXPECT_NEAR(*one.score(0.9 * last - 5), 5, 0.6);
}

TEST(Autoregression, FindsAJumpThatStaysWithinTheUsualSpread) {
  OneFeature one = autoregression();
  for (std::uint64_t i = 0; i < 2000; ++i) {
    one.learn(static_cast<double>(i % 40) / 4 + 0.1 * noise(i));
  }
  // The sawtooth is at 0; from 10 it may fall, but not to 5 from there.
  one.learn(0);
  one.learn(0.25);

  EXPECT_LT(*one.score(0.5), 2);
  EXPECT_GT(*one.score(6), 4);
}

TEST(Autoregression, IsHardlyMovedByOutliers) {
  OneFeature one = autoregression();
  Sluggish series;
  double last = 0;
  for (std::uint64_t i = 0; i < 2000; ++i) one.learn(last = series(i));
  const double before = *one.score(0.9 * last + 6);
  for (int i = 0; i < 4; ++i) one.learn(i % 2 == 0 ? 1e9 : -1e12);
  for (std::uint64_t i = 0; i < 8; ++i) one.learn(last = series(2000 + i));

  EXPECT_GT(*one.score(0.9 * last + 6), 0.75 * before);
}

TEST(Autoregression, GetsUsedToAnotherLevel) {
  OneFeature one = autoregression({{"half_life_points", 100}});
  for (std::uint64_t i = 0; i < 500; ++i) one.learn(noise(i));
  EXPECT_GT(*one.score(1000), 50);
  for (std::uint64_t i = 500; i < 1000; ++i) one.learn(1000 + noise(i));

  EXPECT_LT(*one.score(1000), 3);
}

TEST(Autoregression, LooksOneWayWhenToldTo) {
  OneFeature up = autoregression({{"direction", 1}});
  for (std::uint64_t i = 0; i < 500; ++i) up.learn(noise(i));

  EXPECT_GT(*up.score(20), 5);
  EXPECT_EQ(*up.score(-20), 0);
}

TEST(Autoregression, RaisesFewFalseAlarmsOnNoise) {
  EXPECT_LT(share_above(5, 20, 2000, [] { return autoregression(); }), 0.0005);
}

}  // namespace
}  // namespace tocsin
