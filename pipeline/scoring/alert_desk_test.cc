// Incidents as a partition tells them, from open to close.

#include "pipeline/scoring/alert_desk.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "pipeline/scoring/scoring_fixture.h"

namespace tocsin {
namespace {

constexpr std::int64_t kSecond = 1000;
constexpr std::int64_t kMinute = 60 * kSecond;

/// So many events of a new level adopt it, whatever time they take.
StreamSettings adopting_after(int events) {
  StreamSettings stream = stream_of({"v"}, {detector_of(kEcho)});
  stream.learning = {.adopt_after_events = events, .adopt_after_ms = 0};
  return stream;
}

/// Entities that have been normal for long: uniform scores in [0, 1], one a second.
class AlertDeskTest : public testing::Test {
 protected:
  explicit AlertDeskTest(StreamSettings settings = stream_of({"v"}, {detector_of(kEcho)}))
      : fixture(plan_of(settings)) {
    for (int i = 0; i < 3000; ++i) normal(std::string(1, static_cast<char>('a' + i % 5)));
    fixture.log.alerts.clear();
  }

  void normal(const std::string& entity) { event(entity, noise.uniform() * .9); }
  void event(const std::string& entity, double value) {
    fixture.handle({.entity = entity, .time_ms = now += kSecond, .values = {value}, .group = {}});
  }
  std::int64_t last_offset() const { return fixture.offset - 1; }
  const std::vector<OutcomeLog::KeptAlert>& alerts() const { return fixture.log.alerts; }

  ScoringFixture fixture;
  Noise noise{9};
  std::int64_t now = 0;
};

TEST_F(AlertDeskTest, TellsAnIncidentFromOpenToClose) {
  event("a", .96);
  const std::int64_t opened = last_offset();
  ASSERT_EQ(alerts().size(), 1U);
  EXPECT_EQ(alerts()[0].state, AlertState::open);
  EXPECT_EQ(alerts()[0].entity, "a");
  EXPECT_EQ(alerts()[0].incident, opened);
  EXPECT_EQ(alerts()[0].caused_by, opened);
  EXPECT_EQ(alerts()[0].count, 1U);
  EXPECT_LT(alerts()[0].severity, Severity::critical);
  EXPECT_EQ(alerts()[0].kind, "spike");
  EXPECT_EQ(alerts()[0].feature, "v");
  EXPECT_EQ(alerts()[0].lead_value, .96);
  EXPECT_EQ(alerts()[0].lead_expected, 0);
  EXPECT_EQ(fixture.counters.incidents_open.value(), 1U);

  event("a", .96);
  event("a", .95);
  ASSERT_EQ(alerts().size(), 1U) << "going on is no news";
  event("a", 50);
  const std::int64_t worst = last_offset();
  ASSERT_EQ(alerts().size(), 2U);
  EXPECT_EQ(alerts()[1].state, AlertState::update);
  EXPECT_EQ(alerts()[1].incident, opened);
  EXPECT_EQ(alerts()[1].worst_offset, worst);
  EXPECT_EQ(alerts()[1].lead_value, 50);
  EXPECT_EQ(alerts()[1].count, 4U);
  EXPECT_EQ(alerts()[1].severity, Severity::critical);

  for (int i = 0; i < 7; ++i) normal("a");
  for (int i = 0; i < 20; ++i) normal("b");
  ASSERT_EQ(alerts().size(), 2U);
  normal("a");
  ASSERT_EQ(alerts().size(), 3U);
  EXPECT_EQ(alerts()[2].state, AlertState::close);
  EXPECT_EQ(alerts()[2].reason, CloseReason::recovered);
  EXPECT_EQ(alerts()[2].incident, opened);
  EXPECT_EQ(alerts()[2].worst_offset, worst);
  EXPECT_EQ(alerts()[2].caused_by, last_offset());
  EXPECT_EQ(fixture.counters.incidents_open.value(), 0U);
}

TEST_F(AlertDeskTest, CallsAValueBelowExpectationByTheOtherName) {
  // Echo scores the value itself, so only a feature that leads by its share can be below.
  ScoringFixture two(plan_of(stream_of({"v", "w"}, {detector_of(kEcho)})));
  for (int i = 0; i < 2000; ++i) two.handle({.values = {noise.uniform(), 0}, .group = {}});

  two.handle({.values = {5, -20}, .group = {}});

  ASSERT_FALSE(two.log.alerts.empty());
  EXPECT_EQ(two.log.alerts.back().feature, "w");
  EXPECT_EQ(two.log.alerts.back().kind, "drop");
}

TEST_F(AlertDeskTest, ClosesWhatHasBeenQuietForAnHour) {
  event("a", 3);
  const std::int64_t last_anomaly = now;

  now = last_anomaly + 60 * kMinute - 2 * kSecond;
  normal("b");
  EXPECT_EQ(alerts().size(), 1U);
  normal("b");

  ASSERT_EQ(alerts().size(), 2U);
  EXPECT_EQ(alerts()[1].state, AlertState::close);
  EXPECT_EQ(alerts()[1].reason, CloseReason::quiet);
  EXPECT_EQ(alerts()[1].entity, "a");
  EXPECT_EQ(alerts()[1].caused_by, last_offset());
}

TEST_F(AlertDeskTest, OpensAnewAfterAnHourOfQuiet) {
  event("a", 3);
  now += 61 * kMinute;
  normal("b");

  event("a", 3);

  ASSERT_EQ(alerts().size(), 3U);
  EXPECT_EQ(alerts()[1].reason, CloseReason::quiet);
  EXPECT_EQ(alerts()[2].state, AlertState::open);
}

TEST_F(AlertDeskTest, OpensAnewAfterRecovery) {
  event("a", 3);
  for (int i = 0; i < 8; ++i) normal("a");

  event("a", 3);

  ASSERT_EQ(alerts().size(), 3U);
  EXPECT_EQ(alerts()[2].state, AlertState::open);
  EXPECT_EQ(alerts()[2].incident, last_offset());
}

TEST_F(AlertDeskTest, NamesOthersThatAlertInTheSameMinute) {
  now = 1000 * kMinute;
  event("a", 3);
  event("b", 3);
  now = 1001 * kMinute;
  event("c", 3);
  event("d", 3);

  ASSERT_EQ(alerts().size(), 4U);
  EXPECT_EQ(alerts()[0].related, std::vector<std::string>{});
  EXPECT_EQ(alerts()[1].related, std::vector<std::string>{"a"});
  EXPECT_EQ(alerts()[2].related, std::vector<std::string>{});
  EXPECT_EQ(alerts()[3].related, std::vector<std::string>{"c"});
}

/// Adopts after ten events, whatever time they take; Echo never follows.
class AdoptionTest : public AlertDeskTest {
 protected:
  AdoptionTest() : AlertDeskTest(adopting_after(10)) {
    event("a", 10);
    opened = last_offset();
    for (int i = 0; i < 12; ++i) event("a", 10);
  }
  void go_back() {
    for (int i = 0; i < 80; ++i) normal("a");
    fixture.log.alerts.clear();
  }
  std::int64_t opened = 0;
};

TEST_F(AdoptionTest, ClosesWhatHasBecomeNormalAndKeepsSilent) {
  ASSERT_EQ(alerts().size(), 2U);
  EXPECT_EQ(alerts().back().state, AlertState::close);
  EXPECT_EQ(alerts().back().reason, CloseReason::adopted);
  EXPECT_EQ(alerts().back().count, 13U);
  EXPECT_EQ(fixture.log.events.back().learning, Learning::adopted);
  EXPECT_EQ(fixture.counters.incidents_open.value(), 0U);

  for (int i = 0; i < 50; ++i) event("a", 10);
  EXPECT_EQ(alerts().size(), 2U);
}

TEST_F(AdoptionTest, UpdatesTheIncidentOnceTheEntityHasFollowedAndReturns) {
  // Echo never follows: its level is 0 for ever, and 10 a return.
  go_back();

  event("a", 10);
  ASSERT_EQ(alerts().size(), 1U);
  EXPECT_EQ(alerts()[0].state, AlertState::update);
  EXPECT_EQ(alerts()[0].incident, opened);
  EXPECT_EQ(alerts()[0].count, 14U);
  EXPECT_EQ(fixture.counters.incidents_open.value(), 1U);
  for (int i = 0; i < 20; ++i) normal("a");
  ASSERT_EQ(alerts().size(), 2U);
  EXPECT_EQ(alerts()[1].incident, opened);
  EXPECT_EQ(alerts()[1].reason, CloseReason::recovered);

  event("a", 10);
  ASSERT_EQ(alerts().size(), 3U);
  EXPECT_EQ(alerts()[2].incident, opened) << "however it ended, it is parked again";
}

TEST_F(AdoptionTest, OpensAnotherIncidentAtAThirdLevel) {
  go_back();

  event("a", 500);

  ASSERT_EQ(alerts().size(), 1U);
  EXPECT_EQ(alerts()[0].state, AlertState::open);
  EXPECT_EQ(alerts()[0].incident, last_offset());
}

TEST_F(AdoptionTest, IsForgottenAfterAWeek) {
  go_back();
  now += Incidents::kParkedMs;
  normal("b");

  event("a", 10);

  ASSERT_EQ(alerts().size(), 1U);
  EXPECT_EQ(alerts()[0].state, AlertState::open);
  EXPECT_EQ(alerts()[0].incident, last_offset());
}

/// A level that is on trial for long.
class TrialTest : public AlertDeskTest {
 protected:
  TrialTest() : AlertDeskTest(adopting_after(500)) {}
};

TEST_F(TrialTest, KeepsTheIncidentOpenWhileTheLevelIsOnTrial) {
  for (int i = 0; i < 20; ++i) event("a", .97);
  for (int i = 0; i < 20; ++i) event("a", .95);

  EXPECT_FALSE(fixture.log.events.back().is_alarm());
  EXPECT_GT(fixture.log.events.back().p_value, Incidents::kGoesOn);
  ASSERT_EQ(alerts().size(), 1U);
  EXPECT_EQ(alerts()[0].state, AlertState::open);
}

/// Room for one entity or two.
class EvictionTest : public AlertDeskTest {
 protected:
  static StreamSettings tight() {
    StreamSettings settings = stream_of({"v"}, {detector_of(kEcho)});
    settings.partition_max_bytes = 10'000;
    return settings;
  }
  EvictionTest() : AlertDeskTest(tight()) {}
};

TEST_F(EvictionTest, ClosesTheIncidentOfAnEvictedEntity) {
  event("newcomer", 9);
  ASSERT_EQ(alerts().size(), 1U);
  const std::int64_t opened = last_offset();

  int others = 0;
  while (alerts().size() < 2 && others < 1000) normal("other-" + std::to_string(others++));

  ASSERT_EQ(alerts().size(), 2U);
  EXPECT_EQ(alerts()[1].state, AlertState::close);
  EXPECT_EQ(alerts()[1].reason, CloseReason::evicted);
  EXPECT_EQ(alerts()[1].entity, "newcomer");
  EXPECT_EQ(alerts()[1].incident, opened);
  EXPECT_EQ(alerts()[1].caused_by, last_offset());
  EXPECT_EQ(fixture.counters.incidents_open.value(), 0U);
}

/// The same, with levels that are adopted.
class ParkedEvictionTest : public AlertDeskTest {
 protected:
  ParkedEvictionTest() : AlertDeskTest(settings()) {}
  static StreamSettings settings() {
    StreamSettings settings = adopting_after(10);
    settings.partition_max_bytes = 10'000;
    return settings;
  }
  void adopt(const std::string& entity) {
    for (int i = 0; i < 13; ++i) event(entity, 10);
    for (int i = 0; i < 80; ++i) normal(entity);
  }
};

TEST_F(ParkedEvictionTest, ForgetsTheParkedIncidentWithItsEntity) {
  constexpr std::int64_t kDay = 24 * 60 * kMinute;
  // So many that what is adopted stays rare.
  for (int i = 0; i < 100'000; ++i) normal("filler-" + std::to_string(i % 50));
  adopt("first");
  now += 6 * kDay;
  // The one seen last goes last; who is seen once goes before all others.
  const std::size_t room = fixture.partition.entities();
  for (std::size_t i = 1; i < room; ++i) {
    for (int events = 0; events < 90; ++events) normal("other-" + std::to_string(i));
  }
  adopt("heir");
  fixture.log.alerts.clear();

  now += 2 * kDay;  // The first one's week is over.
  event("heir", 10);

  ASSERT_EQ(alerts().size(), 1U);
  EXPECT_EQ(alerts()[0].state, AlertState::update);
}

TEST_F(EvictionTest, NumbersTheAlertsOfOneEvent) {
  event("newcomer", 9);
  int others = 0;
  while (fixture.log.alerts.back().reason != CloseReason::evicted && others < 1000) {
    event("other-" + std::to_string(others++), 9);
  }

  ASSERT_GE(alerts().size(), 2U);
  // The event that evicts closes the incident of another before its own is told.
  std::vector<std::uint32_t> ordinals;
  for (const auto& alert : alerts()) {
    if (alert.caused_by == last_offset()) ordinals.push_back(alert.ordinal);
  }
  for (std::size_t i = 0; i < ordinals.size(); ++i) EXPECT_EQ(ordinals[i], i);
}

TEST(AlertDesk, ClosesTheQuietestWhenTooManyAreOpen) {
  StreamSettings settings = stream_of({"v"}, {detector_of(kEcho)});
  ScoringFixture fixture(plan_of(settings));
  Noise noise(2);
  // The calibration is not fitted anew among the next thousand.
  for (int i = 0; i < 201'500; ++i) fixture.handle({.values = {noise.uniform()}, .group = {}});
  fixture.log.alerts.clear();

  const auto room = static_cast<int>(StreamPlan::Inside::kIncidentsMax);
  for (int i = 0; i <= room; ++i) {
    fixture.handle({.entity = "e" + std::to_string(i), .values = {1000. * (i + 1)}, .group = {}});
  }

  std::vector<std::string> closed;
  for (const auto& alert : fixture.log.alerts) {
    if (alert.state == AlertState::close) closed.push_back(alert.entity);
  }
  EXPECT_EQ(closed, std::vector<std::string>{"e0"});
  EXPECT_EQ(fixture.counters.incidents_open.value(), static_cast<std::uint64_t>(room));
}

TEST(AlertDesk, ForgetsWhatIsParkedBeforeItClosesWhatIsOpen) {
  ScoringFixture fixture(plan_of(adopting_after(10)));
  Noise noise(2);
  for (int i = 0; i < 201'500; ++i) fixture.handle({.values = {noise.uniform()}, .group = {}});
  for (int i = 0; i < 13; ++i) fixture.handle({.entity = "p", .values = {10}, .group = {}});
  fixture.log.alerts.clear();

  const auto room = static_cast<int>(StreamPlan::Inside::kIncidentsMax);
  for (int i = 0; i < room; ++i) {
    fixture.handle({.entity = "e" + std::to_string(i), .values = {1000. * (i + 1)}, .group = {}});
  }
  EXPECT_EQ(
      std::ranges::count(fixture.log.alerts, AlertState::close, &OutcomeLog::KeptAlert::state), 0);
  EXPECT_EQ(fixture.counters.incidents_open.value(), static_cast<std::uint64_t>(room));
}

}  // namespace
}  // namespace tocsin
