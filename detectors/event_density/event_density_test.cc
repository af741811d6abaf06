#include "detectors/event_density/event_density.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "detectors/elementary.h"
#include "detectors/model_for_test.h"

namespace tocsin {
namespace {

/// Arrivals at times, which is all that this detector looks at.
class Arriving {
 public:
  explicit Arriving(std::initializer_list<std::pair<std::string_view, double>> changes = {})
      : model_(built(changes)) {}

  std::optional<double> score_at(std::int64_t time_ms) const { return model_.score(at(time_ms)); }
  void learn_at(std::int64_t time_ms, double weight = 1) { model_.learn(at(time_ms), weight); }
  void know_since(std::int64_t time_ms) { known_since_ms_ = time_ms; }

  double next(std::int64_t time_ms) {
    const double found = score_at(time_ms).value_or(0);
    learn_at(time_ms);
    return found;
  }

  std::size_t bytes() const { return model_.block.state().size(); }

 private:
  static constexpr double kValue = 7;

  Point at(std::int64_t time_ms) const {
    return {.values = {&kValue, 1},
            .present = 1,
            .time_ms = time_ms,
            .known_since_ms = known_since_ms_};
  }

  static Model built(std::initializer_list<std::pair<std::string_view, double>> changes) {
    Settings settings(kEventDensity.parameters);
    for (const auto& [name, value] : changes) settings.set(name, value);
    return Model(std::move(*kEventDensity.make(settings, 1, 1)));
  }

  Model model_;
  std::int64_t known_since_ms_ = std::numeric_limits<std::int64_t>::min();
};

/// The times of a Poisson process: gaps of a mean of `gap_ms` at first.
class Poisson {
 public:
  explicit Poisson(double mean_gap_ms, std::uint64_t series = 0)
      : gap_ms(mean_gap_ms), series_(series) {}

  std::int64_t next() {
    const double unit = random_unit({.seed = 3, .key = series_, .count = count_++});
    now_ms -= gap_ms * natural_log1p(-unit);
    return static_cast<std::int64_t>(now_ms);
  }

  double gap_ms;
  double now_ms = 1.7e12;

 private:
  std::uint64_t series_;
  std::uint64_t count_ = 0;
};

double highest(Arriving& one, Poisson& times, int count) {
  double found = 0;
  for (int i = 0; i < count; ++i) found = std::max(found, one.next(times.next()));
  return found;
}

TEST(EventDensity, MatchesTheHandWorkedExample) {
  Arriving one({{"window_seconds", 50}, {"direction", 1}, {"half_life_windows", 1'000'000}});
  // Ten events in each part of 10 s, all at its beginning: windows hold 50, without variance.
  for (std::int64_t part = 0; part < 200; ++part) {
    for (int i = 0; i < 10; ++i) one.learn_at(part * 10'000);
  }

  // 45 more in the next part make windows of 40 + 45 = 85, and the event makes 86. Of 195 windows
  // with no variance, and 16 more of Poisson variance, the variance is 50 x 16 / (195 + 16) = 3.8,
  // and the deviance of 85.5 against 50 is divided by 3.8 / 50. Windows without variance: 194 were
  // learned when the last part of ten ended.
  for (int i = 0; i < 45; ++i) one.learn_at(2'000'000);
  const double narrowing = 16.0 / (195 + 16);
  const double half = (85.5 * std::log(85.5 / 50) - 35.5) / narrowing;
  const double z = std::sqrt(2 * half);
  EXPECT_NEAR(*one.score_at(2'000'000), z * z / 2 + std::log(z) + 0.919, 0.02 * half);
}

TEST(EventDensity, TakesSeventyTwoBytes) { EXPECT_EQ(Arriving().bytes(), 72U); }

TEST(EventDensity, FindsABurstWithinThirtyEvents) {
  Arriving one;
  Poisson times(1000);
  const double before = highest(one, times, 3000);
  times.gap_ms = 150;

  EXPECT_GT(highest(one, times, 60), 1.5 * before);
}

TEST(EventDensity, FindsThatEventsBecomeRare) {
  Arriving one({{"direction", 2}});
  Poisson times(1000);
  const double before = highest(one, times, 3000);
  times.gap_ms = 6000;

  EXPECT_GT(highest(one, times, 20), before + 2);
}

TEST(EventDensity, FindsASilenceOnceItEnds) {
  Arriving one;
  Poisson times(1000);
  const double before = highest(one, times, 3000);
  times.now_ms += 60'000;

  EXPECT_GT(*one.score_at(times.next()), 3 * before);
}

TEST(EventDensity, TakesMissingInputForNoSilence) {
  Arriving one;
  Poisson times(1000);
  const double before = highest(one, times, 3000);
  times.now_ms += 3'600'000;
  one.know_since(static_cast<std::int64_t>(times.now_ms));

  EXPECT_LT(highest(one, times, 3000), 1.5 * before);

  times.now_ms += 60'000;
  EXPECT_GT(*one.score_at(times.next()), 3 * before) << "a silence of which all is known";
}

TEST(EventDensity, FindsASilenceAfterMissingInputToo) {
  Arriving one;
  Poisson times(1000);
  const double before = highest(one, times, 3000);
  times.now_ms += 3'600'000;
  one.know_since(static_cast<std::int64_t>(times.now_ms));
  times.now_ms += 60'000;

  EXPECT_GT(*one.score_at(times.next()), 3 * before);
}

TEST(EventDensity, FindsABurstRightAfterMissingInput) {
  Arriving one;
  Poisson times(1000);
  const double before = highest(one, times, 3000);
  times.now_ms += 3'600'000;
  one.know_since(static_cast<std::int64_t>(times.now_ms));
  times.gap_ms = 150;

  EXPECT_GT(highest(one, times, 90), 1.5 * before);
}

TEST(EventDensity, LearnsNothingOfMissingInput) {
  Arriving one({{"half_life_windows", 20}});
  Arriving unbroken({{"half_life_windows", 20}});
  Poisson times(1000);
  for (int outage = 0; outage < 20; ++outage) {
    for (int i = 0; i < 200; ++i) {
      const std::int64_t time = times.next();
      one.learn_at(time + outage * 3'600'000);
      unbroken.learn_at(time);
    }
    one.know_since(static_cast<std::int64_t>(times.now_ms) + (outage + 1) * 3'600'000);
  }
  const std::int64_t now = times.next();

  // A silence is as strange as if there had never been a gap.
  one.learn_at(now + 20 * 3'600'000);
  unbroken.learn_at(now);
  const double found = *one.score_at(now + 20 * 3'600'000 + 60'000);
  EXPECT_NEAR(found, *unbroken.score_at(now + 60'000), .25 * found);
}

TEST(EventDensity, FindsNoSilenceInLateEventsWhileNothingIsKnown) {
  Arriving one;
  Poisson times(1000);
  const double before = highest(one, times, 3000);
  one.know_since(std::numeric_limits<std::int64_t>::max());

  EXPECT_LE(*one.score_at(static_cast<std::int64_t>(times.now_ms) + 60'000), before);
}

TEST(EventDensity, FindsWhatAClockLeavesOutSoonerThanWhatChanceDoes) {
  Arriving regular;
  for (std::int64_t i = 0; i < 3000; ++i) regular.learn_at(i * 1000);
  Arriving irregular;
  Poisson times(1000);
  highest(irregular, times, 3000);
  const auto now = static_cast<std::int64_t>(times.now_ms);

  EXPECT_GT(*regular.score_at(2999 * 1000 + 17'000), 2 * *irregular.score_at(now + 17'000));
}

TEST(EventDensity, IsTolerantWhereArrivalsComeInClusters) {
  Arriving one;
  double steady = 0;
  for (std::uint64_t i = 0; i < 8000; ++i) {
    // Clusters of 1 to 20 events at random times.
    const std::uint64_t cluster = i / 10;
    const auto start = static_cast<std::int64_t>(
        20'000 * (cluster + random_bits({.seed = 4, .key = cluster}) % 100 / 100));
    const double score = one.next(start + static_cast<std::int64_t>(i % 10) * 100);
    if (i > 2000) steady = std::max(steady, score);
  }

  EXPECT_LT(steady, 12);
}

TEST(EventDensity, RaisesFewFalseAlarmsOnRandomArrivals) {
  int alarms = 0;
  int scored = 0;
  for (std::uint64_t series = 0; series < 20; ++series) {
    Arriving one;
    Poisson times(777, series);
    for (int i = 0; i < 3000; ++i) {
      ++scored;
      alarms += one.next(times.next()) > 9 ? 1 : 0;
    }
  }

  EXPECT_LE(alarms, scored / 1000);
}

TEST(EventDensity, ALateEventMovesNothingBack) {
  Arriving one;
  Poisson times(1000);
  highest(one, times, 500);
  const std::int64_t now = times.next();
  one.learn_at(now);
  const double before = *one.score_at(now + 10);
  one.learn_at(now - 3'600'000);

  // One event more of now.
  EXPECT_NEAR(*one.score_at(now + 10), before, 1);
}

TEST(EventDensity, IsSilentWhileTimeStandsStill) {
  Arriving one;
  for (int i = 0; i < 1000; ++i) one.learn_at(5000);

  EXPECT_EQ(*one.score_at(5000), 0);
}

TEST(EventDensity, AnOutageDoesNotBecomeNormal) {
  Arriving one;
  Poisson times(1000);
  highest(one, times, 3000);
  times.now_ms += 1e9;
  highest(one, times, 100);
  times.now_ms += 60'000;

  EXPECT_GT(*one.score_at(times.next()), 10);
}

TEST(EventDensity, ChoosesAnotherWindowWhereTheRateChangesForGood) {
  Arriving one({{"half_life_windows", 20}});
  Poisson times(1000);
  highest(one, times, 500);
  times.gap_ms = 100'000;
  const double shock = highest(one, times, 100);
  highest(one, times, 1000);

  EXPECT_LT(highest(one, times, 500), 0.6 * shock);
}

}  // namespace
}  // namespace tocsin
