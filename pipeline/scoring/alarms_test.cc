// How often there are alarms, by what is said of them: whole partitions on clean data, and on some
// that is not.

#include "pipeline/scoring/alarms.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "pipeline/scoring/evidence.h"
#include "pipeline/scoring/scoring_fixture.h"

namespace tocsin {
namespace {

constexpr std::int64_t kSecond = 1000;
constexpr std::int64_t kDay = 86'400 * kSecond;

/// Entities that send normal noise in turn, each once in an interval, to a detector that scores a
/// value by itself.
class AlarmsTest : public testing::Test {
 protected:
  void start(const Sensitivity& sensitivity, std::int64_t interval_ms, int entities) {
    StreamSettings settings = stream_of({"v"}, {detector_of(kEcho)});
    settings.sensitivity = sensitivity;
    start(settings, interval_ms, entities);
  }
  void start(const StreamSettings& settings, std::int64_t interval_ms, int entities) {
    fixture_.emplace(plan_of(settings));
    interval_ms_ = interval_ms;
    entities_ = entities;
  }
  void send(int entity, double value) {
    fixture_->handle({.entity = "e" + std::to_string(entity),
                      .time_ms = time_ms_,
                      .values = {value},
                      .group = {}});
  }
  void run(int rounds) {
    for (int i = 0; i < rounds; ++i) {
      for (int e = 0; e < entities_; ++e) send(e, std::abs(noise_.normal()));
      time_ms_ += interval_ms_;
    }
  }
  int opened() const {
    return static_cast<int>(std::ranges::count_if(
        fixture_->log.alerts, [](const auto& alert) { return alert.state == AlertState::open; }));
  }
  double promised_anomalies() const {
    return static_cast<double>(fixture_->counters.promised_anomalies_millionths.value()) * 1e-6;
  }
  double promised_incidents() const {
    return static_cast<double>(fixture_->counters.promised_incidents_millionths.value()) * 1e-6;
  }
  double level() const { return fixture_->log.events.back().alarm_score; }

  std::optional<ScoringFixture> fixture_;
  Noise noise_{3};
  std::int64_t time_ms_ = kDay;
  std::int64_t interval_ms_ = 0;
  int entities_ = 0;
};

TEST_F(AlarmsTest, AsksForWhatTheRateMakesOfIncidentsADay) {
  start({Sensitivity::Unit::entity_day, 1}, 300 * kSecond, 20);
  run(300);
  EXPECT_NEAR(level(), std::log10(288.0), .01);
  // Ten times slower, and it has forgotten: a tenth of the events, so ten times the probability.
  interval_ms_ = 3000 * kSecond;
  run(6000);
  EXPECT_NEAR(level(), std::log10(28.8), .01);
}

TEST_F(AlarmsTest, CountsAnEntitysOwnEvents) {
  start({Sensitivity::Unit::entity_day, 1}, 300 * kSecond, 20);
  for (int i = 0; i < 2000; ++i) {
    for (int often = 0; often < 9; ++often) send(99, std::abs(noise_.normal()));
    run(1);
  }
  const double usual = level();
  send(99, 1);
  EXPECT_NEAR(level() - usual, std::log10(9.0), .05);
}

TEST_F(AlarmsTest, SharesTheStreamsIncidentsAmongAllEntities) {
  start({Sensitivity::Unit::stream_day, 2}, 300 * kSecond, 20);
  run(300);
  EXPECT_NEAR(level(), std::log10(288 * 20 / 2.0), .01);
}

TEST_F(AlarmsTest, AsksForNoMoreThanHistoryCanShow) {
  start({Sensitivity::Unit::entity_day, .01}, 300 * kSecond, 1);
  run(1000);
  EXPECT_NEAR(level(), 4, 1e-9);
  run(2000);
  EXPECT_NEAR(level(), std::log10(5 * 3000.0), .001);
  run(4000);
  EXPECT_NEAR(level(), std::log10(28'800.0), .01);
}

TEST_F(AlarmsTest, PromisesWhatItAsksFor) {
  start({Sensitivity::Unit::entity_day, 1}, 300 * kSecond, 20);
  run(1440);  // 100 days of entities, the warm-up of the first entities' calibration excluded
  EXPECT_NEAR(promised_anomalies(), 100, 3);
  const auto anomalies = std::ranges::count_if(
      fixture_->log.events, [](const ScoredEvent& event) { return event.is_anomaly; });
  EXPECT_NEAR(static_cast<double>(anomalies), 100, 30);
}

// What is promised in incidents is time times the budget, whatever one event can show.
TEST_F(AlarmsTest, PromisesIncidentsByTheTimeThatPasses) {
  start({Sensitivity::Unit::entity_day, .01}, 30 * kSecond, 20);
  run(14'400);  // Five days of twenty entities: one incident.
  EXPECT_NEAR(promised_incidents(), 1, .02);
  EXPECT_GT(promised_anomalies(), 2);  // 288,000 events; none is believed beyond 1e-5.

  const double before = promised_incidents();
  interval_ms_ = 300 * kSecond;
  run(14'400);  // Fifty days: as many events, ten times the incidents.
  EXPECT_NEAR(promised_incidents() - before, 10, .7);
}

TEST_F(AlarmsTest, PromisesTheStreamsIncidentsOnce) {
  start({Sensitivity::Unit::stream_day, 2}, 300 * kSecond, 20);
  run(2880);  // Ten days.
  EXPECT_NEAR(promised_incidents(), 20, .5);
}

TEST_F(AlarmsTest, WantsSeveralEventsForWhatOneCannotShow) {
  start({Sensitivity::Unit::entity_day, .01}, kSecond, 50);
  run(1000);
  const int young = opened();
  run(4000);
  const int before = opened();
  EXPECT_LE(before, young + 3) << "among 200,000 events";
  EXPECT_NEAR(level(), std::log10(5 * 250'000.0), .01);

  // Each about one in 3,000: often enough among 250,000.
  for (int i = 0; i < 8; ++i) send(7, 3.6);
  ASSERT_EQ(opened(), before + 1);
  const auto& cause = fixture_->log.events.back();
  EXPECT_GT(cause.p_value, 1e-5);
  EXPECT_EQ(fixture_->log.alerts.back().entity, "e7");
}

TEST_F(AlarmsTest, NeedsOneEventForWhatIsUnmistakable) {
  start({Sensitivity::Unit::entity_day, .01}, kSecond, 50);
  run(5000);
  const int before = opened();
  send(7, 60);
  EXPECT_EQ(opened(), before + 1);
  EXPECT_EQ(fixture_->log.events.back().ground, Ground::news);
}

TEST_F(AlarmsTest, LetsAnEntityGoByItsOwnRule) {
  StreamSettings settings = stream_of({"v"}, {detector_of(kEcho)});
  settings.sensitivity = Sensitivity::per_event(1e-5);
  settings.entity_rules = {{"^e1$", Sensitivity::per_event(1e-1)}};
  start(settings, kSecond, 2);
  run(500);
  const auto& events = fixture_->log.events;
  std::array<int, 2> anomalies{};
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (events[i].is_anomaly) ++anomalies[i % 2];
  }
  EXPECT_EQ(anomalies[0], 0);
  EXPECT_NEAR(anomalies[1], 50, 25);
}

TEST_F(AlarmsTest, LetsAFeatureGoByItsOwnSensitivity) {
  StreamSettings settings = stream_of({"v", "w"}, {detector_of(kEcho)});
  settings.sensitivity = Sensitivity::per_event(1e-9);
  settings.features[0].sensitivity = Sensitivity::per_event(1e-2);
  start(settings, kSecond, 1);
  for (int i = 0; i < 1000; ++i) fixture_->handle({.values = {noise_.uniform(), 0}, .group = {}});
  fixture_->handle({.values = {3, .1}, .group = {}});
  EXPECT_TRUE(fixture_->log.events.back().is_anomaly);
  fixture_->handle({.values = {3, 9}, .group = {}});  // The other one stands out.
  EXPECT_FALSE(fixture_->log.events.back().is_anomaly);
}

TEST(Evidence, GrowsWithSurprisesAndGoesWithout) {
  float sum = 0;
  EXPECT_NEAR(Evidence::add(sum, 4), .8 * 4 - .69897, 1e-6);
  EXPECT_NEAR(Evidence::add(sum, 99), .8 * 9 - 2 * .69897, 1e-6) << "5 is believed";
  for (int i = 0; i < 30; ++i) Evidence::add(sum, .43);
  EXPECT_EQ(sum, 0);
}

}  // namespace
}  // namespace tocsin
