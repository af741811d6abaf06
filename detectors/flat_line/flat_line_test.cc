#include "detectors/flat_line/flat_line.h"

#include <gtest/gtest.h>

#include <cmath>

#include "detectors/one_feature_for_test.h"

namespace tocsin {
namespace {

OneFeature flat_line(std::initializer_list<std::pair<std::string_view, double>> changes = {}) {
  return OneFeature(kFlatLine, changes);
}

TEST(FlatLine, MatchesTheHandWorkedExample) {
  OneFeature one = flat_line({{"warmup_runs", 1}, {"half_life_points", 1e8}});

  // Runs of 1, 2, 1 and 4 points are complete: four of at least 1, two of 2, one of 4, none of 8.
  for (const double value : {7.0, 8.0, 8.0, 7.0, 9.0, 9.0, 9.0, 9.0, 5.0}) one.learn(value);

  EXPECT_EQ(*one.score(6), 0);
  // Of four runs two reached 2 points; one more run is thought to go on by a quarter.
  const double two = -std::log((2 + 0.25) / (4 + 1));
  EXPECT_NEAR(*one.score(5), two, 1e-5);
  one.learn(5);
  one.learn(5);
  // Of those two, one reached 4.
  EXPECT_NEAR(*one.score(5), two - std::log((1 + 0.25) / (2 + 1)), 1e-5);
  one.learn(5);
  // The fifth point is a quarter of the way from 4 to 8, which none of one has gone.
  EXPECT_NEAR(*one.score(5), two - std::log(1.25 / 3) - std::log(0.25 / 2) / 4, 1e-5);
}

TEST(FlatLine, TakesAHundredAndFourBytesAFeature) { EXPECT_EQ(flat_line().bytes(), 104U); }

TEST(FlatLine, FindsAStuckSensorWithinFourPoints) {
  OneFeature one = flat_line();
  const double before = one.highest(0, 1000, [](std::uint64_t i) { return noise(i); });

  EXPECT_GT(one.highest(1000, 4, [](std::uint64_t) { return 0.3; }), before + 1);
}

TEST(FlatLine, FindsAStuckSensorThatTrembles) {
  OneFeature one = flat_line();
  const double before = one.highest(0, 1000, [](std::uint64_t i) { return noise(i); });

  EXPECT_GT(one.highest(1000, 40, [](std::uint64_t i) { return 0.3 + 0.005 * noise(i); }),
            before + 2);
}

TEST(FlatLine, DoesNotMindACounterThatOftenStandsStill) {
  OneFeature one = flat_line();
  const auto counter = [](std::uint64_t i) {
    return i / 40 * 40 + 10 + random_bits({.seed = 1, .key = i / 40}) % 30 < i
               ? static_cast<double>(i / 40)
               : static_cast<double>(i / 40) - 1;
  };
  one.highest(0, 4000, counter);

  EXPECT_LT(one.highest(4000, 4000, counter), 5);
  EXPECT_GT(one.highest(8000, 400, [](std::uint64_t) { return 200; }), 5);
}

TEST(FlatLine, HasNoScoreForWhatNeverChanged) {
  OneFeature one = flat_line();
  for (int i = 0; i < 10'000; ++i) one.learn(3);

  EXPECT_FALSE(one.score(3).has_value());
  EXPECT_FALSE(one.score(4).has_value());
}

TEST(FlatLine, RisesTheLongerItLasts) {
  OneFeature one = flat_line();
  for (std::uint64_t i = 0; i < 500; ++i) one.learn(noise(i));
  double last = 0;
  for (int i = 0; i < 60'000; ++i) {
    const double now = one.next(0.25);
    ASSERT_GE(now, last) << i;
    last = now;
  }

  EXPECT_GT(last, 20);
  EXPECT_LT(last, 50);
}

TEST(FlatLine, AnOutlierDoesNotMakeEverythingLookEqual) {
  OneFeature one = flat_line();
  for (std::uint64_t i = 0; i < 500; ++i) one.learn(noise(i));
  for (int i = 0; i < 20; ++i) one.learn(i % 2 == 0 ? 1e12 : -1e12);

  EXPECT_LT(one.highest(520, 500, [](std::uint64_t i) { return noise(i); }), 9);
}

TEST(FlatLine, ForgetsOldRuns) {
  OneFeature one = flat_line({{"half_life_points", 500}});
  for (std::uint64_t i = 0; i < 4000; ++i) one.learn(static_cast<double>(i / 50));
  const double usual = *one.score(79);
  for (std::uint64_t i = 0; i < 10'000; ++i) one.learn(noise(i));
  one.highest(0, 48, [](std::uint64_t) { return 79; });

  EXPECT_GT(*one.score(79), usual + 5);
}

}  // namespace
}  // namespace tocsin
