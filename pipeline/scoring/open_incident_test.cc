// What becomes of open incidents when the configuration changes.

#include <gtest/gtest.h>

#include <algorithm>

#include "pipeline/scoring/incidents.h"
#include "pipeline/scoring/rich_stream_fixture.h"

namespace tocsin {
namespace {

using Sentences = std::vector<std::string>;

/// Another detector, whose alerts are of another kind.
constinit const DetectorKind kQuiet{.name = "quiet",
                                    .summary = "The first value.",
                                    .blind_to = "All else.",
                                    .parameters = {},
                                    .scopes = kAllScopes,
                                    .kind_above = "loud",
                                    .kind_below = "loud",
                                    .version = 1,
                                    .make = make_fake<Echo>};

/// A stream in which entity `a` has an incident, of `spike` and its feature `w`.
class OpenIncident : public testing::Test {
 protected:
  OpenIncident() : settings_(stream_of({"v", "w"}, {detector_of(kQuiet), spike_on_w()})) {
    settings_.sensitivity = Sensitivity::per_event(1e-3);
  }
  static DetectorSettings spike_on_w() {
    return detector_on(*find_detector("spike"), Scope::entity, {"w"});
  }
  void open() {
    before_ = std::make_unique<ScoringFixture>(plan_of(settings_));
    Noise noise(4);
    for (int i = 0; i < 3000; ++i) {
      before_->handle({.entity = i % 2 == 0 ? "a" : "b",
                       .time_ms = i,
                       .values = {.01 * noise.uniform(), noise.normal()},
                       .group = {}});
    }
    const std::size_t alerts = before_->log.alerts.size();
    before_->handle({.entity = "a", .time_ms = 3000, .values = {0, -500}, .group = {}});
    ASSERT_EQ(before_->log.alerts.size(), alerts + 1);
    opened_ = before_->log.alerts.back();
    ASSERT_EQ(opened_.state, AlertState::open);
    ASSERT_EQ(opened_.feature, "w");
    ASSERT_EQ(opened_.kind, "drop");
  }
  /// Restores under `after`, and handles normal events of `a` until its incident is closed.
  OutcomeLog::KeptAlert closed_under(const StreamSettings& after) {
    after_ = std::make_unique<ScoringFixture>(plan_of(after));
    after_->offset = before_->offset;
    const auto report = KeptCuts::of(before_->saved()).restore(after_->partition);
    EXPECT_TRUE(report) << report.error().message;
    if (report) report_ = *report;
    Noise noise(5);
    for (int i = 0; i < 200 && after_->log.alerts.empty(); ++i) {
      TestEvent event{.entity = "a", .time_ms = 3001 + i, .values = {}, .group = {}};
      for (const FeatureSettings& feature : after.features) {
        event.values.push_back(feature.name == "w" ? .1 * noise.normal() : .01 * noise.uniform());
      }
      after_->handle(event);
    }
    EXPECT_FALSE(after_->log.alerts.empty());
    return after_->log.alerts.empty() ? OutcomeLog::KeptAlert{} : after_->log.alerts.front();
  }

  StreamSettings settings_;
  std::unique_ptr<ScoringFixture> before_;
  std::unique_ptr<ScoringFixture> after_;
  OutcomeLog::KeptAlert opened_;
  RestoreReport report_;
};

TEST_F(OpenIncident, EndsUnderItsDetectorAndFeatureWhereverTheseStandNow) {
  open();
  StreamSettings after = settings_;
  std::swap(after.detectors[0], after.detectors[1]);
  after.features.insert(after.features.begin(), {.name = "u", .field = "/u"});
  std::swap(after.features[0], after.features[1]);
  std::swap(after.features[1], after.features[2]);  // v, w, u
  std::swap(after.features[0], after.features[1]);  // w, v, u

  const auto closed = closed_under(after);

  EXPECT_EQ(report_.incidents, before_->counters.incidents_open.value());
  EXPECT_EQ(report_.incidents_forgotten, 0U);
  EXPECT_EQ(closed.state, AlertState::close);
  EXPECT_EQ(closed.reason, CloseReason::recovered);
  EXPECT_EQ(closed.incident, opened_.incident);
  EXPECT_EQ(closed.entity, "a");
  EXPECT_EQ(closed.kind, opened_.kind);
  EXPECT_EQ(closed.feature, "w");
  EXPECT_EQ(closed.lead_value, -500);
}

TEST_F(OpenIncident, KeepsCountingTheNormalEventsThatEndIt) {
  open();
  for (int i = 0; i < 5; ++i) {
    before_->handle({.entity = "a", .time_ms = 3001, .values = {.005, 0}, .group = {}});
  }
  StreamSettings after = settings_;
  std::swap(after.detectors[0], after.detectors[1]);

  const auto closed = closed_under(after);

  EXPECT_EQ(closed.reason, CloseReason::recovered);
  EXPECT_EQ(closed.caused_by, opened_.caused_by + Incidents::kCalmEvents);
}

TEST_F(OpenIncident, EndsWithoutDetectorAndFeatureWhereTheseAreGone) {
  open();
  StreamSettings after = settings_;
  after.detectors.pop_back();
  after.features.pop_back();

  const auto closed = closed_under(after);

  EXPECT_EQ(closed.incident, opened_.incident);
  EXPECT_EQ(closed.reason, CloseReason::recovered);
  EXPECT_EQ(closed.kind, "anomaly");
  EXPECT_EQ(closed.feature, "");
  EXPECT_EQ(closed.lead_value, std::nullopt);
}

TEST_F(OpenIncident, EndsAtOnceWhereTimeIsAnother) {
  open();
  StreamSettings after = settings_;
  after.time.unit = TimeUnit::s;

  const auto closed = closed_under(after);

  EXPECT_EQ(closed.incident, opened_.incident);
  EXPECT_EQ(closed.reason, CloseReason::quiet);
  EXPECT_EQ(closed.caused_by, 3001);
  EXPECT_NE(
      std::ranges::find(report_.sentences,
                        "1 open incident closes as quiet with the next event: `time` changed"),
      report_.sentences.end());
}

TEST_F(OpenIncident, IsForgottenAloudWhereEntitiesAreOthers) {
  open();
  StreamSettings after = settings_;
  after.entity = {"/host"};
  ScoringFixture changed(plan_of(after));

  const auto report = KeptCuts::of(before_->saved()).restore(changed.partition);

  ASSERT_TRUE(report);
  EXPECT_EQ(report->incidents_forgotten, 1U);
  EXPECT_EQ(report->sentences,
            (Sentences{"everything starts anew: `entity` changed",
                       "1 open incident is forgotten, without an alert that closes them"}));
  EXPECT_EQ(changed.counters.incidents_open.value(), 0U);
}

TEST_F(OpenIncident, OutlivesEntitiesSeenLaterWhereNotAllFit) {
  settings_.partition_max_bytes = 1'000'000;
  open();
  for (int i = 0; i < 100; ++i) {
    before_->handle(
        {.entity = "c-" + std::to_string(i), .time_ms = 3001, .values = {0, 0}, .group = {}});
  }
  StreamSettings after = settings_;
  after.partition_max_bytes = 12'000;

  const auto closed = closed_under(after);

  EXPECT_GT(report_.entities_forgotten, 50U);
  EXPECT_EQ(report_.incidents_forgotten, 0U);
  EXPECT_EQ(closed.incident, opened_.incident);
}

TEST_F(OpenIncident, GoesOnWhereItIsParkedAndItsLevelsAreKnown) {
  settings_.learning = {.adopt_after_events = 10, .adopt_after_ms = 0};
  open();
  for (int i = 0; i < 20; ++i) {
    before_->handle({.entity = "a", .time_ms = 3001 + i, .values = {0, -500}, .group = {}});
  }
  ASSERT_EQ(before_->log.alerts.back().reason, CloseReason::adopted);
  StreamSettings after = settings_;
  std::swap(after.detectors[0], after.detectors[1]);
  after_ = std::make_unique<ScoringFixture>(plan_of(after));
  after_->offset = before_->offset;
  ASSERT_TRUE(KeptCuts::of(before_->saved()).restore(after_->partition));
  for (int i = 0; i < 80; ++i) {
    after_->handle({.entity = "a", .time_ms = 4000 + i, .values = {.005, 0}, .group = {}});
  }
  after_->log.alerts.clear();

  after_->handle({.entity = "a", .time_ms = 5000, .values = {0, -500}, .group = {}});

  ASSERT_EQ(after_->log.alerts.size(), 1U);
  EXPECT_EQ(after_->log.alerts[0].state, AlertState::update);
  EXPECT_EQ(after_->log.alerts[0].incident, opened_.incident);
}

}  // namespace
}  // namespace tocsin
