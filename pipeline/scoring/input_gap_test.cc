// What a partition makes of events that come after a gap in its input.

#include "pipeline/scoring/input_gap.h"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>

#include "pipeline/scoring/incidents.h"
#include "pipeline/scoring/rich_stream_fixture.h"

namespace tocsin {
namespace {

constexpr std::int64_t kHour = 3'600'000;

TEST(InputGap, IsPassedByTheFirstEventThatMovesTheClock) {
  InputGap::Block block{};
  InputGap gap(block);
  EXPECT_EQ(gap.known_since_ms(), InputGap::kAlways);
  EXPECT_FALSE(gap.is_since(0));

  gap.note(7);
  gap.pass(90, 100);
  EXPECT_EQ(gap.known_since_ms(), InputGap::kNotYet) << "a late event says nothing of now";
  gap.pass(100, 100);
  EXPECT_EQ(gap.known_since_ms(), InputGap::kNotYet) << "nor does one of the same time";
  gap.pass(500, 100);
  gap.pass(600, 500);

  EXPECT_EQ(gap.known_since_ms(), 500);
  EXPECT_TRUE(gap.is_since(7));
  EXPECT_FALSE(gap.is_since(8));
}

TEST(InputGap, IsNoneBeforeTheFirstRecord) {
  InputGap::Block block{};
  InputGap(block).note(0);
  EXPECT_EQ(InputGap(block).known_since_ms(), InputGap::kAlways);
}

StreamSettings stream_with_incidents() {
  StreamSettings settings = stream_of({"v"}, {detector_of(kEcho)});
  settings.sensitivity = Sensitivity::per_event(1e-3);
  return settings;
}

/// A partition in which entity `a` has an open incident.
class AfterAGap : public testing::Test {
 protected:
  AfterAGap() : one_(std::make_unique<ScoringFixture>(plan_of(stream_with_incidents()))) {
    Noise noise(4);
    for (int i = 0; i < 3000; ++i) calm(i % 2 == 0 ? "a" : "b", i, noise.uniform());
    anomaly("a", 3000);
    EXPECT_EQ(one_->log.alerts.back().state, AlertState::open);
    one_->log.alerts.clear();
  }
  void calm(const std::string& entity, std::int64_t time_ms, double value = .5) {
    one_->handle({.entity = entity, .time_ms = time_ms, .values = {value}, .group = {}});
  }
  void anomaly(const std::string& entity, std::int64_t time_ms) { calm(entity, time_ms, 500); }
  void restart() {
    auto next = std::make_unique<ScoringFixture>(one_->plan);
    next->offset = one_->offset;
    ASSERT_TRUE(KeptCuts::of(one_->saved()).restore(next->partition));
    one_ = std::move(next);
  }
  std::size_t alerts() const { return one_->log.alerts.size(); }

  std::unique_ptr<ScoringFixture> one_;
};

TEST_F(AfterAGap, AnIncidentIsNotQuietForTheTimeThatNobodyHasSeen) {
  one_->partition.note_gap();

  calm("b", 3000 + 5 * kHour);
  calm("b", 3000 + 6 * kHour - 1);
  EXPECT_EQ(alerts(), 0U);

  calm("b", 3000 + 6 * kHour);
  ASSERT_EQ(alerts(), 1U) << "an hour of which everything is known";
  EXPECT_EQ(one_->log.alerts[0].reason, CloseReason::quiet);
}

TEST_F(AfterAGap, AnIncidentIsQuietAtOnceWhereNothingIsMissing) {
  calm("b", 3000 + 5 * kHour);
  ASSERT_EQ(alerts(), 1U);
  EXPECT_EQ(one_->log.alerts[0].reason, CloseReason::quiet);
}

TEST_F(AfterAGap, LateEventsDoNotBeginTheHour) {
  one_->partition.note_gap();

  calm("b", 2000);
  calm("b", 3000 + 5 * kHour);
  EXPECT_EQ(alerts(), 0U);
}

TEST_F(AfterAGap, AnEntityRecoversByEightEventsThatFollowOnOneAnother) {
  for (int i = 0; i < 7; ++i) calm("a", 3001);
  one_->partition.note_gap();
  for (int i = 0; i < 7; ++i) calm("a", 3002);
  EXPECT_EQ(alerts(), 0U);

  calm("a", 3002);
  ASSERT_EQ(alerts(), 1U);
  EXPECT_EQ(one_->log.alerts[0].reason, CloseReason::recovered);
}

TEST_F(AfterAGap, IsAsItWasAfterARestartAtAnyMoment) {
  for (int moment = 0; moment < 4; ++moment) {
    AfterAGap::SetUp();
    ScoringFixture unbroken(one_->plan);
    unbroken.offset = one_->offset;
    ASSERT_TRUE(KeptCuts::of(one_->saved()).restore(unbroken.partition));
    const auto begun = one_->offset;
    const auto both = [&](int now, const TestEvent& event) {
      if (now == moment) restart();
      one_->handle(event);
      unbroken.handle(event);
    };
    one_->partition.note_gap();
    unbroken.partition.note_gap();
    const std::int64_t later = 3000 + (moment + 1) * 10 * kHour;
    both(0, {.entity = "b", .time_ms = 2000, .values = {.5}, .group = {}});
    both(1, {.entity = "b", .time_ms = later, .values = {.5}, .group = {}});
    both(2, {.entity = "a", .time_ms = later + kHour - 1, .values = {.5}, .group = {}});
    both(3, {.entity = "b", .time_ms = later + kHour - 1, .values = {.5}, .group = {}});

    EXPECT_EQ(one_->offset, begun + 4);
    EXPECT_EQ(one_->saved(), unbroken.saved()) << "restarted at " << moment;
    EXPECT_EQ(one_->counters.incidents_open.value(), 1U);
  }
}

TEST_F(AfterAGap, WithAnotherTimeThereHasBeenNone) {
  one_->partition.note_gap();
  calm("b", 3000 + 5 * kHour);
  StreamSettings settings = stream_with_incidents();
  settings.time.unit = TimeUnit::s;
  ScoringFixture changed(plan_of(settings));
  changed.offset = one_->offset;
  ASSERT_TRUE(KeptCuts::of(one_->saved()).restore(changed.partition));

  changed.handle({.entity = "b", .time_ms = 5, .values = {.5}, .group = {}});

  ASSERT_EQ(changed.log.alerts.size(), 1U);
  EXPECT_EQ(changed.log.alerts[0].reason, CloseReason::quiet) << "as told at the restore";
}

TEST(AfterAGapAtFirst, APartitionThatHasSeenNothingIsAsIfThereWereNone) {
  ScoringFixture with(plan_of(stream_with_incidents()));
  ScoringFixture without(plan_of(stream_with_incidents()));

  with.partition.note_gap();

  EXPECT_EQ(with.saved(), without.saved());
}

TEST(AfterAGapInARow, AnomaliesOnBothSidesAreNotAdoptedTogether) {
  StreamSettings settings = stream_with_incidents();
  settings.learning.adopt_after_ms = 0;
  ScoringFixture one(plan_of(settings));
  Noise noise(4);
  const auto handle = [&one](double value) {
    one.handle({.entity = "a", .time_ms = 1, .values = {value}, .group = {}});
    return one.log.events.back().learning;
  };
  for (int i = 0; i < 3000; ++i) handle(noise.uniform());
  handle(500);
  handle(500);
  for (int i = 0; i < 64; ++i) ASSERT_EQ(handle(500), Learning::frozen);

  one.partition.note_gap();

  for (int i = 0; i < 63; ++i) ASSERT_EQ(handle(500), Learning::frozen);
  EXPECT_EQ(handle(500), Learning::adopted);
}

TEST(AfterAGapInValues, ADifferenceOverItIsMissing) {
  StreamSettings settings = stream_of({"v"}, {detector_of(kEcho)});
  settings.features[0].transforms = {Transform::diff};
  ScoringFixture one(plan_of(settings, Detail::full));
  double value = 0;
  for (int i = 0; i < 100; ++i)
    one.handle({.entity = "a", .time_ms = i, .values = {value += i % 3}, .group = {}});
  ASSERT_FALSE(one.log.events.back().warming_up);

  one.partition.note_gap();
  one.handle({.entity = "a", .time_ms = 200, .values = {value += 1'000}, .group = {}});
  EXPECT_TRUE(one.log.events.back().warming_up) << "no value to score";
  one.handle({.entity = "a", .time_ms = 201, .values = {value + 1}, .group = {}});
  EXPECT_FALSE(one.log.events.back().warming_up);
  EXPECT_FALSE(one.log.events.back().is_anomaly);
}

TEST(AfterAGapInTime, EventsAreAsFrequentAsBefore) {
  StreamSettings settings = stream_with_incidents();
  settings.sensitivity = {Sensitivity::Unit::entity_day, 1};
  const auto level_changes_by = [&settings](bool has_gap) {
    ScoringFixture one(plan_of(settings));
    Noise noise(6);
    std::int64_t time = 0;
    const auto event = [&] {
      one.handle({.entity = "a", .time_ms = time += 300'000, .values = {noise.uniform()}});
      return one.log.events.back().alarm_score;
    };
    for (int i = 0; i < 300; ++i) event();
    const double before = event();
    if (has_gap) one.partition.note_gap();
    time += 240 * kHour;
    return std::abs(event() - before);
  };

  EXPECT_GT(level_changes_by(false), .9) << "ten days of silence";
  EXPECT_LT(level_changes_by(true), .01);
}

class DensityAfterAGap : public testing::TestWithParam<Scope> {};

TEST_P(DensityAfterAGap, TakesMissingInputForNoSilence) {
  StreamSettings settings =
      stream_of({"v"}, {detector_of(*find_detector("event_density"), GetParam())});
  const auto score_after_an_hour = [&settings](bool has_gap) {
    ScoringFixture one(plan_of(settings));
    std::int64_t time = 0;
    Noise noise(6);
    const auto event = [&] {
      time += static_cast<std::int64_t>(1000 * (.5 + noise.uniform()));
      one.handle({.entity = "a", .time_ms = time, .values = {1}, .group = "g"});
    };
    for (int i = 0; i < 3000; ++i) event();
    if (has_gap) one.partition.note_gap();
    time += kHour;
    event();
    return one.log.events.back().score;
  };

  EXPECT_GT(score_after_an_hour(false), 3);
  EXPECT_LT(score_after_an_hour(true), 1);
}

INSTANTIATE_TEST_SUITE_P(Scopes, DensityAfterAGap,
                         testing::Values(Scope::entity, Scope::stream, Scope::group),
                         [](const auto& scope) {
                           return scope.param == Scope::entity   ? "entity"
                                  : scope.param == Scope::stream ? "stream"
                                                                 : "group";
                         });

}  // namespace
}  // namespace tocsin
