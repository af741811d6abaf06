#include "pipeline/scoring/learning_policy.h"

#include <gtest/gtest.h>

#include <array>

namespace tocsin {
namespace {

using Step = LearningPolicy::Step;
constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kHour = 60 * kMinute;

/// An entity whose champion expects values about 0 with a mean distance of 1.
class Entity {
 public:
  explicit Entity(std::int64_t every_ms = 5 * kMinute) : every_ms_(every_ms) {}

  /// A value that is an alarm where it is farther off than three.
  LearningPolicy::Decision see(double value) {
    const bool is_far = value - expected > 3 || value - expected < -3;
    return see(value, is_far);
  }
  LearningPolicy::Decision see(double value, bool is_alarm) {
    return see({.is_alarm = is_alarm,
                .is_anomaly = is_alarm,
                .time_ms = now += every_ms_,
                .column = column,
                .level = LearningPolicy::Level{value, expected, expected - 3, expected + 3}});
  }
  /// Of a feature of which nothing is expected.
  LearningPolicy::Decision see_without_level(bool is_alarm) {
    return see({.is_alarm = is_alarm,
                .is_anomaly = is_alarm,
                .time_ms = now += every_ms_,
                .column = column,
                .level = {}});
  }
  /// How many events like this come until one is adopted, that one included.
  int events_until_adopted(double value, int most = 100'000) {
    for (int i = 1; i <= most; ++i) {
      if (see(value).step == Step::adopted) return i;
    }
    return 0;
  }
  bool is_calm() const { return !LearningPolicy::is_in_episode(block); }
  void interrupt() { LearningPolicy::interrupt(block); }

  LearningSettings settings;
  LearningPolicy::Block block{};
  std::int64_t now = 0;
  double expected = 0;
  std::uint8_t column = 2;  ///< The feature that stands out.

 private:
  LearningPolicy::Decision see(const LearningPolicy::Event& event) {
    if (LearningPolicy::is_at_rest(block) && !event.is_alarm) return {};
    return LearningPolicy(settings, block).decide(event);
  }

  std::int64_t every_ms_;
};

void expect_taught(const LearningPolicy::Decision& decision, Learning learning, double weight) {
  EXPECT_EQ(decision.learning, learning);
  EXPECT_EQ(decision.weight, weight);
}

TEST(LearningPolicy, LetsAPassingAnomalyTeachATenth) {
  Entity entity;

  expect_taught(entity.see(0), Learning::learned, 1);
  expect_taught(entity.see(20), Learning::weighted, .1);
  expect_taught(entity.see(0), Learning::learned, 1);
  EXPECT_TRUE(entity.is_calm());
}

TEST(LearningPolicy, FreezesTheChampionWithTheThirdEventOfALevel) {
  Entity entity;

  expect_taught(entity.see(20), Learning::weighted, .1);
  expect_taught(entity.see(20, false), Learning::weighted, .1);
  const LearningPolicy::Decision third = entity.see(20, false);

  expect_taught(third, Learning::frozen, 0);
  EXPECT_EQ(third.step, Step::away) << "though the detectors call it normal";
}

TEST(LearningPolicy, LetsTheChampionGoOnWithWhatItForetellsBetter) {
  Entity entity;
  for (int i = 0; i < 20; ++i) entity.see(20);

  const LearningPolicy::Decision back = entity.see(.5);

  expect_taught(back, Learning::learned, 1);
  EXPECT_EQ(back.step, Step::none);
  expect_taught(entity.see(20), Learning::frozen, 0);
}

TEST(LearningPolicy, EndsAFreezeWithFourNormalEvents) {
  Entity entity;
  for (int i = 0; i < 50; ++i) entity.see(20);

  for (int i = 0; i < 3; ++i) entity.see(0);
  EXPECT_FALSE(entity.is_calm());
  entity.see(0);
  EXPECT_TRUE(entity.is_calm());
}

TEST(LearningPolicy, AdoptsAfterSixHoursWhereEventsAreMany) {
  Entity entity(kMinute);
  EXPECT_EQ(entity.events_until_adopted(20), 3 + 6 * 60);
}

TEST(LearningPolicy, AdoptsAfterSixtyFourEventsWhereTheseTakeLonger) {
  Entity entity(10 * kMinute);
  EXPECT_EQ(entity.events_until_adopted(20), 3 + 64);
}

TEST(LearningPolicy, AdoptsAfterADayWhereEventsAreFew) {
  Entity entity(kHour);
  EXPECT_EQ(entity.events_until_adopted(20), 3 + 24);
}

TEST(LearningPolicy, AdoptsWhenItIsTold) {
  Entity entity(kMinute);
  entity.settings = {
      .adopt_after_events = 10, .adopt_after_ms = 20 * kMinute, .adopt_at_most_ms = kHour};
  EXPECT_EQ(entity.events_until_adopted(20), 3 + 20);
}

TEST(LearningPolicy, AdoptsAWideChallengerWhereLevelsAlternateAndMostAreNew) {
  Entity entity(kMinute);
  int adopted = 0;
  for (int i = 1; i <= 1000 && adopted == 0; ++i) {
    if (entity.see(i % 3 == 0 ? 0 : 20).step == Step::adopted) adopted = i;
  }

  EXPECT_GT(adopted, 360);
  EXPECT_LT(adopted, 380);
  EXPECT_TRUE(entity.block.adopted.holds(0));
  EXPECT_TRUE(entity.block.adopted.holds(20));
}

TEST(LearningPolicy, FreezesNothingWhereHalfIsAsBefore) {
  Entity entity(kMinute);
  for (int i = 0; i < 1000; ++i) {
    const bool is_new = i % 2 == 0;
    expect_taught(entity.see(is_new ? 20 : 0), is_new ? Learning::weighted : Learning::learned,
                  is_new ? .1 : 1);
  }
}

TEST(LearningPolicy, CountsNothingAgainstTheChampionThatItTakesForNormal) {
  Entity entity;
  entity.see(5);
  // A champion that is always off, within its limits.
  for (int i = 0; i < 40; ++i) ASSERT_NE(entity.see(2.9, false).learning, Learning::frozen) << i;
}

TEST(LearningPolicy, AdoptsWhatIsAnomalousForLongWhateverItsLevel) {
  Entity entity(10 * kMinute);
  int adopted = 0;
  for (int i = 1; i <= 200 && adopted == 0; ++i) {
    if (entity.see(0, true).step == Step::adopted) adopted = i;
  }
  EXPECT_EQ(adopted, 7 + 64) << "2 and six times 1 are 8";
}

TEST(LearningPolicy, NeedsNoExpectationToAdopt) {
  Entity entity(10 * kMinute);
  int adopted = 0;
  for (int i = 1; i <= 200 && adopted == 0; ++i) {
    if (entity.see_without_level(true).step == Step::adopted) adopted = i;
  }
  EXPECT_EQ(adopted, 7 + 64);

  expect_taught(entity.see_without_level(true), Learning::adopted, 1);
  entity.see_without_level(false);
  expect_taught(entity.see_without_level(true), Learning::weighted, .1);
}

TEST(LearningPolicy, TakesTheAdoptedLevelForNormalUntilTheModelsFollow) {
  Entity entity;
  entity.events_until_adopted(20);

  for (int i = 0; i < 200; ++i) {
    const LearningPolicy::Decision decision = entity.see(20);
    ASSERT_EQ(decision.learning, Learning::adopted);
    ASSERT_EQ(decision.weight, 1);
    ASSERT_EQ(decision.step, Step::known);
  }
  for (int i = 0; i < 64; ++i) expect_taught(entity.see(20, false), Learning::learned, 1);
  expect_taught(entity.see(20), Learning::weighted, .1);
}

TEST(LearningPolicy, TakesItForNormalForADayAtMost) {
  Entity entity(kHour);
  entity.events_until_adopted(20);

  for (int i = 0; i < 23; ++i) EXPECT_EQ(entity.see(20).step, Step::known) << i;
  EXPECT_NE(entity.see(20).step, Step::known);
}

TEST(LearningPolicy, TakesNoOtherLevelForTheAdoptedOne) {
  Entity entity;
  entity.events_until_adopted(20);

  const LearningPolicy::Decision third = entity.see(60);
  expect_taught(third, Learning::weighted, .1);
  EXPECT_EQ(third.step, Step::away);
}

TEST(LearningPolicy, KnowsNoLevelsOfOtherFeatures) {
  Entity entity;
  entity.events_until_adopted(20);
  entity.column = 1;
  expect_taught(entity.see(20), Learning::weighted, .1);
}

TEST(LearningPolicy, KnowsTheParkedLevelAndAdoptsItAtOnce) {
  Entity entity;
  entity.events_until_adopted(20);
  entity.expected = 20;
  for (int i = 0; i < 500; ++i) entity.see(20);

  EXPECT_EQ(entity.see(0).step, Step::returned);
  EXPECT_EQ(entity.see(0).step, Step::returned);
  const LearningPolicy::Decision third = entity.see(0);
  expect_taught(third, Learning::adopted, 1);
  EXPECT_EQ(third.step, Step::known);
  EXPECT_EQ(entity.see(0).step, Step::known);

  // And the other way round: the first is parked now.
  entity.expected = 0;
  for (int i = 0; i < 500; ++i) entity.see(0);
  EXPECT_EQ(entity.see(20).step, Step::returned);
}

TEST(LearningPolicy, DoesNotCallAReturnWhatTheChampionExpects) {
  Entity entity;
  entity.events_until_adopted(20);
  entity.expected = 20;
  for (int i = 0; i < 500; ++i) entity.see(20);

  EXPECT_EQ(entity.see(20.5, true).step, Step::away) << "strange in another way";
}

TEST(LearningPolicy, ProvesNoTimeByTimestampsThatStandStillOrGoBack) {
  Entity still(0);
  EXPECT_EQ(still.events_until_adopted(20, 5000), 0);

  Entity late(-kMinute);
  EXPECT_EQ(late.events_until_adopted(20, 5000), 0);
}

TEST(LearningPolicy, HasToLeadAnewAfterAGap) {
  Entity entity(kMinute);
  for (int i = 0; i < 300; ++i) ASSERT_NE(entity.see(20).step, Step::adopted);

  entity.interrupt();

  EXPECT_EQ(entity.events_until_adopted(20), 1 + 6 * 60);
}

TEST(LearningPolicy, StaysFrozenForADayAtMostWhateverGapsThereAre) {
  Entity entity(kMinute);
  int events = 0;
  bool is_adopted = false;
  while (!is_adopted && events < 3000) {
    if (++events % 60 == 0) entity.interrupt();
    is_adopted = entity.see(20).step == Step::adopted;
  }
  EXPECT_EQ(events, 3 + 24 * 60);
}

TEST(LearningPolicy, ForgetsWhatItWasWatchingInAGap) {
  Entity entity;
  entity.see(20);
  entity.interrupt();
  EXPECT_TRUE(entity.is_calm());
}

TEST(LearningPolicy, GivesUpWatchingWhatStaysUndecided) {
  Entity entity;
  entity.see(5);
  int events = 0;
  while (!entity.is_calm() && events < 1000) {
    ++events;
    const bool rises = entity.block.evidence < 4;
    entity.see(rises ? 5 : 2.5, false);
  }
  EXPECT_EQ(events, 256);
}

TEST(LearningPolicy, TeachesTheCalibrationsEverLessInAFreeze) {
  Entity entity(kMinute);
  int calibrated = 0;
  for (int i = 0; i < 360; ++i) {
    calibrated += LearningPolicy::calibrates(entity.block) ? 1 : 0;
    entity.see(20);
  }
  EXPECT_EQ(calibrated, 3 + 9) << "before, and the 1st, 2nd, 4th, ... 256th";
}

TEST(LearningPolicy, TeachesTheCalibrationsNoAlarmsThatItTakesForNormal) {
  Entity entity;
  entity.events_until_adopted(20);
  EXPECT_FALSE(LearningPolicy::calibrates(entity.block));
  entity.see(20);
  EXPECT_FALSE(LearningPolicy::calibrates(entity.block));
  entity.see(20, false);
  EXPECT_TRUE(LearningPolicy::calibrates(entity.block));
}

TEST(LearningPolicy, BearsTheLargestValues) {
  for (const double value : {1e308, -1e308, 1e-308}) {
    Entity entity(10 * kMinute);
    entity.expected = -value;
    for (int i = 0; i < 100; ++i) entity.see(value, true);
    for (const double number : {entity.block.offset, entity.block.spread, entity.block.parked.lower,
                                static_cast<double>(entity.block.evidence)}) {
      EXPECT_EQ(number - number, 0) << value;
    }
  }
}

}  // namespace
}  // namespace tocsin
