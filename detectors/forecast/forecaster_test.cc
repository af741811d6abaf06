#include "detectors/forecast/forecaster.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <vector>

#include "detectors/elementary.h"
#include "detectors/model_for_test.h"

namespace tocsin {
namespace {

constexpr std::int64_t kStep = 300'000;
constexpr std::int64_t kDay = 86'400'000;
constexpr std::int64_t kMonday = 4 * kDay;  // 1970-01-05

double noise(std::uint64_t i, std::uint64_t series = 0) {
  return nearly_normal({.seed = 5, .key = series, .count = i});
}

/// A forecaster with its block, fed value by value.
struct One {
  Forecaster forecaster;
  Forecaster::Block block{};
  std::int64_t time = kMonday;
  std::uint64_t count = 0;

  Prediction predict() const { return forecaster.predict(block, Moment::utc(time)); }
  void learn(double value, double weight = 1) {
    forecaster.learn(block, Moment::utc(time), predict(), value, weight);
  }
  void next(double value, std::int64_t step = kStep) {
    learn(value);
    time += step;
    ++count;
  }
  void feed(std::int64_t until, const std::function<double(std::int64_t, std::uint64_t)>& value) {
    while (time < until) next(value(time, count));
  }
  bool knows(std::size_t season) const {
    return seasonal_offsets(block.seasons, Moment::utc(time)).is_known[season];
  }
};

/// A pulse: 10 from noon to six, else 0, with little noise.
double pulse(std::int64_t time, std::uint64_t i) {
  const auto hour = time % kDay / 3'600'000;
  return (hour >= 12 && hour < 18 ? 10 : 0) + .1 * noise(i);
}

bool is_sound(const Prediction& made) {
  bool is_good = std::isfinite(made.expected) && std::isfinite(made.scale) && made.scale > 0;
  for (std::size_t i = 0; i < made.quantiles.size(); ++i) {
    is_good = is_good && std::isfinite(made.quantiles[i]);
    if (i > 0) is_good = is_good && made.quantiles[i] >= made.quantiles[i - 1];
  }
  return is_good;
}

TEST(Forecaster, TakesABlockOf1088Bytes) { EXPECT_EQ(sizeof(Forecaster::Block), 1088U); }

TEST(Forecaster, KnowsNothingBefore32Values) {
  One one;
  for (int i = 0; i < 32; ++i) {
    EXPECT_FALSE(one.predict().is_known);
    one.next(noise(one.count));
  }

  EXPECT_TRUE(one.predict().is_known);
}

TEST(Forecaster, KnowsADayAfterTwoCyclesAndAWeekAfterThree) {
  One one;
  one.feed(kMonday + 2 * kDay, pulse);
  EXPECT_FALSE(one.knows(SeasonalOffsets::day));
  // The last bin of the second cycle is learned when its visit ends.
  one.feed(kMonday + 2 * kDay + kStep * 12, pulse);
  EXPECT_TRUE(one.knows(SeasonalOffsets::day));
  EXPECT_FALSE(one.knows(SeasonalOffsets::week));
  one.feed(kMonday + 20 * kDay, pulse);
  EXPECT_FALSE(one.knows(SeasonalOffsets::week));
  one.feed(kMonday + 21 * kDay + kStep * 24, pulse);
  EXPECT_TRUE(one.knows(SeasonalOffsets::week));
}

TEST(Forecaster, ForeseesTheEdgesOfADay) {
  One one;
  one.feed(kMonday + 7 * kDay + kDay / 2 + 2 * kStep, pulse);

  // It is noon: ten minutes ago the value was 0.
  EXPECT_NEAR(one.predict().candidates[Forecaster::day], 10, 2.5);
}

TEST(Forecaster, ForeseesAWeekend) {
  One one;
  one.feed(kMonday + 26 * kDay, [](std::int64_t time, std::uint64_t i) {
    return Moment::utc(time).weekday >= 5 ? noise(i) * .1 : pulse(time, i);
  });
  one.time += kDay / 2 + 3'600'000;  // Saturday, one o'clock

  const SeasonalOffsets known = seasonal_offsets(one.block.seasons, Moment::utc(one.time));
  const double low = one.block.anchor + known.offset[SeasonalOffsets::day_by_weekend];
  EXPECT_NEAR(low, 0, 1.5);
  EXPECT_GT(known.offset[SeasonalOffsets::day] - known.offset[SeasonalOffsets::week], 3);
}

TEST(Forecaster, IsNotHarmedByAGap) {
  One one;
  one.feed(kMonday + 8 * kDay, pulse);
  one.time += 9 * kDay + kDay / 2 + 3'600'000;

  EXPECT_NEAR(one.predict().expected, 10, 2);
  for (int i = 0; i < 20; ++i) one.next(pulse(one.time, one.count));
  EXPECT_NEAR(one.predict().expected, 10, .5);
  EXPECT_LT(one.predict().scale, 3);
}

TEST(Forecaster, WeighsVisitsNotEvents) {
  One one;
  one.feed(kMonday + 8 * kDay, pulse);
  One burst = one;
  // Thousands of events in one minute of the morning, all of 50.
  for (int i = 0; i < 5000; ++i) burst.next(50, 10);
  burst.time = one.time + kStep;
  one.next(50);
  for (One* each : {&one, &burst}) each->time = kMonday + 10 * kDay;

  const auto offset = [](const One& each) {
    return seasonal_offsets(each.block.seasons, Moment::utc(each.time + kDay / 4))
        .offset[SeasonalOffsets::day];
  };
  EXPECT_NEAR(offset(one) + one.block.anchor, 0, 1);
  EXPECT_NEAR(offset(burst) - offset(one), 0, 1);
}

TEST(Forecaster, IsHardlyMovedByOutliers) {
  One one;
  for (int i = 0; i < 2000; ++i) one.next(noise(one.count));
  const Prediction before = one.predict();
  for (int i = 0; i < 10; ++i) one.next(i % 2 == 0 ? 1e12 : noise(one.count));
  for (int i = 0; i < 10; ++i) one.next(noise(one.count));
  const Prediction after = one.predict();

  EXPECT_NEAR(after.expected, before.expected, .6);
  EXPECT_LT(after.scale, 2 * before.scale);
}

TEST(Forecaster, FollowsANewLevel) {
  One one;
  for (int i = 0; i < 1000; ++i) one.next(noise(one.count));
  for (int i = 0; i < 40; ++i) one.next(500 + noise(one.count));

  EXPECT_NEAR(one.predict().expected, 500, 3);
  for (int i = 0; i < 500; ++i) one.next(500 + noise(one.count));
  EXPECT_LT(one.predict().scale, 4);
}

TEST(Forecaster, KeepsTheDayWhenTheLevelChanges) {
  One one;
  one.feed(kMonday + 10 * kDay, pulse);
  one.feed(kMonday + 11 * kDay + kDay / 2 + 3'600'000,
           [](std::int64_t time, std::uint64_t i) { return 200 + pulse(time, i); });

  EXPECT_NEAR(one.predict().expected, 210, 1);
}

TEST(Forecaster, HasIntervalsThatHoldWhatTheyPromise) {
  const std::vector<std::function<double(std::uint64_t)>> kinds{
      [](std::uint64_t i) { return noise(i); },
      [](std::uint64_t i) { return natural_exp(noise(i)); },
      [](std::uint64_t i) { return noise(i) * noise(i, 1) * noise(i, 2); }};
  for (const auto& value : kinds) {
    One one;
    int within = 0;
    for (std::uint64_t i = 0; i < 8000; ++i) {
      const Prediction made = one.predict();
      const double now = value(i);
      if (i >= 1000) within += now >= made.quantiles[1] && now <= made.quantiles[5] ? 1 : 0;
      one.next(now);
    }
    EXPECT_NEAR(within / 7000.0, .9, .015);
  }
}

TEST(Forecaster, KeepsTwoValuesApart) {
  One one;
  for (std::uint64_t i = 0; i < 3000; ++i) one.next(noise(i) > 1.6 ? 1 : 0);
  const Prediction made = one.predict();

  EXPECT_EQ(made.quantiles.front(), 0);
  EXPECT_EQ(made.quantiles[4], 0);
  EXPECT_EQ(made.quantiles.back(), 1);
  EXPECT_GE(made.scale, .25);
}

TEST(Forecaster, DoesNotMindHowLargeTheLevelIs) {
  One low;
  One high;
  for (std::uint64_t i = 0; i < 3000; ++i) {
    low.next(noise(i));
    high.next(1e9 + noise(i));
  }

  EXPECT_NEAR(high.predict().expected, 1e9 + low.predict().expected, .1);
  EXPECT_NEAR(high.predict().scale, low.predict().scale, .1);
}

TEST(Forecaster, HasWholeNumbersForCounts) {
  One one;
  for (std::uint64_t i = 0; i < 3000; ++i) one.next(std::floor(5 + 2 * noise(i)));
  for (const double quantile : one.predict().quantiles) {
    EXPECT_NEAR(quantile, std::nearbyint(quantile), 1e-9);
  }
}

TEST(Forecaster, StaysSoundOnAConstantAndWhenItEnds) {
  One one;
  for (int i = 0; i < 3000; ++i) one.next(7);
  EXPECT_TRUE(is_sound(one.predict()));
  EXPECT_EQ(one.predict().expected, 7);
  one.next(8);
  EXPECT_TRUE(is_sound(one.predict()));
  for (int i = 0; i < 100; ++i) one.next(7);
  EXPECT_NEAR(one.predict().expected, 7, .01);
}

TEST(Forecaster, StaysSoundOnTheLargestNumbers) {
  One one;
  for (std::uint64_t i = 0; i < 3000; ++i) {
    const double size = i % 7 == 0 ? 1e300 : i % 5 == 0 ? 1e308 : 1e-300;
    one.next(i % 3 == 0 ? -size : size, i % 11 == 0 ? kDay : kStep);
    ASSERT_TRUE(i < 2 || is_sound(one.predict())) << i;
  }
}

TEST(Forecaster, NeverLearnsWhatIsNotANumber) {
  One one;
  for (std::uint64_t i = 0; i < 500; ++i) one.next(noise(i));
  const Forecaster::Block before = one.block;
  one.learn(std::numeric_limits<double>::quiet_NaN());
  one.learn(std::numeric_limits<double>::infinity());
  one.learn(3, 0);

  EXPECT_EQ(std::memcmp(&before, &one.block, sizeof before), 0);
}

TEST(Forecaster, IsNotHarmedByTimeThatStandsOrGoesBack) {
  One one;
  for (std::uint64_t i = 0; i < 1000; ++i) one.next(noise(i), 0);
  EXPECT_TRUE(is_sound(one.predict()));
  EXPECT_NEAR(one.predict().scale, 1, .2);
  for (std::uint64_t i = 0; i < 1000; ++i) {
    one.time = i % 3 == 0   ? std::numeric_limits<std::int64_t>::max() / 4 - 7 * kDay
               : i % 3 == 1 ? -kDay * 365 * 3000
                            : kMonday + static_cast<std::int64_t>(i) * kStep;
    one.learn(noise(i));
    ASSERT_TRUE(is_sound(one.predict()));
  }
  EXPECT_NEAR(one.predict().expected, 0, 1);
}

TEST(Forecaster, DoesNotMindTheUnit) {
  One one, scaled;
  for (std::uint64_t i = 0; i < 3000; ++i) {
    one.next(pulse(one.time, i));
    scaled.next(1e6 * pulse(scaled.time, i));
  }
  EXPECT_NEAR(scaled.predict().expected, 1e6 * one.predict().expected, 3e5 * one.predict().scale);
}

TEST(Seasons, MayBeNegativeInTime) {
  const Moment moment = Moment::utc(-1);
  EXPECT_EQ(moment.weekday, 2);  // Wednesday, 31 December 1969
  EXPECT_EQ(Moment::utc(kMonday).weekday, 0);
}

}  // namespace
}  // namespace tocsin
