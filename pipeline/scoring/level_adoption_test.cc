// Levels that come to stay, and levels that come back, through a whole partition.

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/scoring/learning_policy.h"
#include "pipeline/scoring/rich_stream_fixture.h"

namespace tocsin {
namespace {

constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr double kOther = 8;  ///< Above the usual level, which has a width of 2.

StreamSettings stream_with(std::vector<DetectorSettings> detectors) {
  StreamSettings settings = stream_of({"v"}, std::move(detectors));
  settings.sensitivity = Sensitivity::per_event(1e-4);
  settings.learning = {
      .adopt_after_events = 64, .adopt_after_ms = 6 * kHour, .adopt_at_most_ms = 24 * kHour};
  return settings;
}

/// Entities that were normal for two weeks, one event in five minutes. Only `a` ever changes.
class LevelAdoption : public testing::TestWithParam<const char*> {
 protected:
  LevelAdoption() { begin(5 * kMinute); }

  void begin(std::int64_t every_ms) {
    const bool is_default = GetParam() == std::string("default");
    one_ = std::make_unique<ScoringFixture>(
        plan_of(stream_with(is_default ? std::vector<DetectorSettings>{}
                                       : std::vector{detector_of(*find_detector("spike"))})));
    every_ms_ = every_ms;
    noise_ = Noise(7);
    for (int i = 0; i < 4000; ++i) all(0);
    one_->log = {};
  }
  void all(double level) {
    now_ += every_ms_;
    for (const char* entity : {"a", "b", "c"}) {
      one_->handle({.entity = entity,
                    .time_ms = now_,
                    .values = {2 * noise_.uniform() - 1 + (entity[0] == 'a' ? level : 0)},
                    .group = {}});
    }
  }
  void all_for(double level, std::int64_t milliseconds) {
    for (std::int64_t passed = 0; passed < milliseconds; passed += every_ms_) all(level);
  }
  /// Of `a`, since the last call.
  std::vector<OutcomeLog::KeptAlert> alerts() {
    std::vector<OutcomeLog::KeptAlert> own;
    for (const auto& alert : one_->log.alerts) {
      if (alert.entity == "a") own.push_back(alert);
    }
    one_->log.alerts.clear();
    return own;
  }
  /// How many of the events of `a` had that, since the last call.
  int count(Learning learning) {
    int found = 0;
    for (std::size_t i = 0; i < one_->log.events.size(); i += 3) {
      found += one_->log.events[i].learning == learning ? 1 : 0;
    }
    one_->log.events.clear();
    return found;
  }
  /// The offset by which the incident is known.
  std::int64_t adopt() {
    all_for(kOther, 7 * kHour);
    const auto told = alerts();
    EXPECT_GE(told.size(), 2U);
    if (told.size() < 2) return -1;
    EXPECT_EQ(told.front().state, AlertState::open);
    EXPECT_EQ(told.back().state, AlertState::close);
    EXPECT_EQ(told.back().reason, CloseReason::adopted);
    return told.front().incident;
  }

  std::unique_ptr<ScoringFixture> one_;
  Noise noise_{7};
  std::int64_t now_ = 0;
  std::int64_t every_ms_ = 0;
};

TEST_P(LevelAdoption, ComesAfterSixHoursAndThenTheLevelIsNormal) {
  all_for(kOther, 6 * kHour);
  const auto during = alerts();
  ASSERT_FALSE(during.empty());
  EXPECT_EQ(during.front().state, AlertState::open);
  for (const auto& alert : during) EXPECT_NE(alert.state, AlertState::close);
  EXPECT_GE(count(Learning::frozen), 69);

  all_for(kOther, 20 * kMinute);
  const auto after = alerts();
  ASSERT_FALSE(after.empty());
  EXPECT_EQ(after.back().reason, CloseReason::adopted);
  EXPECT_EQ(after.back().incident, during.front().incident);

  one_->log.events.clear();
  all_for(kOther, 72 * kHour);
  EXPECT_TRUE(alerts().empty());
  EXPECT_EQ(count(Learning::frozen), 0);
}

TEST_P(LevelAdoption, IsNotForTwentyMinutes) {
  all_for(kOther, 20 * kMinute);
  all_for(0, 24 * kHour);

  const auto told = alerts();
  ASSERT_GE(told.size(), 2U);
  EXPECT_EQ(told.front().state, AlertState::open);
  EXPECT_EQ(told.back().reason, CloseReason::recovered);
  EXPECT_EQ(std::ranges::count(told, AlertState::open, &OutcomeLog::KeptAlert::state), 1);
}

TEST_P(LevelAdoption, UpdatesTheIncidentWhenTheOldLevelReturns) {
  const std::int64_t incident = adopt();
  all_for(kOther, 48 * kHour);
  EXPECT_TRUE(alerts().empty());

  all_for(0, 24 * kHour);

  const auto told = alerts();
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[0].incident, incident);
  EXPECT_EQ(told[0].state, AlertState::update);
  EXPECT_EQ(told[1].incident, incident);
  EXPECT_EQ(told[1].reason, CloseReason::recovered);
  EXPECT_EQ(one_->counters.incidents_open.value(), 0U);
}

TEST_P(LevelAdoption, KeepsOneIncidentForLevelsThatTakeTurns) {
  const std::int64_t incident = adopt();
  std::size_t updates = 0;
  for (int day = 0; day < 6; ++day) {
    all_for(day % 2 == 0 ? 0 : kOther, 24 * kHour);
    for (const auto& alert : alerts()) {
      EXPECT_EQ(alert.incident, incident);
      EXPECT_NE(alert.state, AlertState::open);
      updates += alert.state == AlertState::update ? 1 : 0;
    }
  }
  // The default detectors know both levels, and have little to tell.
  EXPECT_TRUE(updates > 0 || GetParam() != std::string("spike"));
}

TEST_P(LevelAdoption, ComesToAnEndWhereOldAndNewAlternate) {
  for (int hour = 0; hour < 48; ++hour) all_for(hour % 2 == 0 ? kOther : 0, kHour);
  alerts();
  one_->log.events.clear();
  all_for(0, 24 * kHour);
  EXPECT_EQ(count(Learning::frozen), 0);
  EXPECT_EQ(one_->counters.incidents_open.value(), 0U);
}

TEST_P(LevelAdoption, ComesAfterADayWhereEventsAreFew) {
  begin(40 * kMinute);
  all_for(kOther, 25 * kHour);
  EXPECT_EQ(count(Learning::adopted), 0);
  all_for(kOther, 3 * kHour);
  EXPECT_GE(count(Learning::adopted), 1);
  EXPECT_EQ(alerts().back().reason, CloseReason::adopted);
}

TEST_P(LevelAdoption, HasToBeEarnedAnewAfterAGap) {
  all_for(kOther, 5 * kHour);
  one_->partition.note_gap();
  all_for(kOther, 6 * kHour);
  EXPECT_EQ(count(Learning::adopted), 0);
  all_for(kOther, 20 * kMinute);
  EXPECT_GE(count(Learning::adopted), 1);
}

TEST_P(LevelAdoption, GoesOnAfterARestoreAsIfNothingHadBeen) {
  for (const std::int64_t moment : {10 * kMinute, 3 * kHour, 6 * kHour + 30 * kMinute}) {
    begin(5 * kMinute);
    all_for(kOther, moment);
    auto restored = std::make_unique<ScoringFixture>(one_->plan);
    restored->offset = one_->offset;
    ASSERT_TRUE(KeptCuts::of(one_->saved()).restore(restored->partition));
    const Noise noise = noise_;
    const std::int64_t now = now_;
    one_->log = {};
    const auto go_on = [&] {
      all_for(kOther, 8 * kHour - moment);
      all_for(0, 12 * kHour);
      return one_->log.text;
    };
    const std::string unbroken = go_on();
    const std::string saved = one_->saved();

    std::swap(one_, restored);
    noise_ = noise;
    now_ = now;
    EXPECT_EQ(go_on(), unbroken);
    EXPECT_EQ(one_->saved(), saved) << "restored after " << moment;
  }
}

INSTANTIATE_TEST_SUITE_P(Detectors, LevelAdoption, testing::Values("spike", "default"),
                         [](const auto& detectors) { return std::string(detectors.param); });

}  // namespace
}  // namespace tocsin
