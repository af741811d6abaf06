// A loud feature does not drown the others, and how loud each is survives a restart.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/scoring/rich_stream_fixture.h"

namespace tocsin {
namespace {

/// Ten entities with a calm feature and a status that jumps in one of a hundred events, as the
/// default detectors see them.
class SeveralFeatures : public testing::Test {
 protected:
  SeveralFeatures() : fixture_(plan_of(settings(), Detail::full)) {
    for (int i = 0; i < 12'000; ++i) {
      fixture_.log = {};
      event("e" + std::to_string(i % 10), 100 + 10 * noise_.normal(), status());
      if (i < 6000) continue;
      for (const auto& alert : fixture_.log.alerts) {
        if (alert.state == AlertState::open) alerts_ += alert.feature == "status" ? 1 : 0;
      }
    }
    fixture_.log = {};
  }

  static StreamSettings settings() {
    StreamSettings stream = stream_of({"duration", "status"}, {});
    stream.sensitivity = Sensitivity::per_event(1e-4);
    return stream;
  }

  double status() { return noise_.uniform() < .01 ? 500 : 200; }

  const ScoredEvent& event(const std::string& entity, double duration, double status) {
    fixture_.handle(
        {.entity = entity, .time_ms = now_ += 1000, .values = {duration, status}, .group = {}});
    return fixture_.log.events.back();
  }

  ScoringFixture fixture_;
  Noise noise_{5};
  std::int64_t now_ = 0;
  int alerts_ = 0;  ///< Of the status, once it is known.
};

TEST_F(SeveralFeatures, AnOutlierOfTheCalmOneIsAnAlert) {
  const ScoredEvent& event = SeveralFeatures::event("e3", 900, 200);
  EXPECT_TRUE(event.is_anomaly);
  ASSERT_EQ(fixture_.log.alerts.size(), 1U);
  EXPECT_EQ(fixture_.log.alerts[0].feature, "duration");
  EXPECT_GT(fixture_.log.features[0][0].share, .9);
}

TEST_F(SeveralFeatures, ItIsNamedAlsoWhereTheLoudOneJumpsInTheSameEvent) {
  EXPECT_TRUE(SeveralFeatures::event("e3", 900, 500).is_alarm());
  ASSERT_EQ(fixture_.log.alerts.size(), 1U);
  EXPECT_EQ(fixture_.log.alerts[0].feature, "duration");
}

TEST_F(SeveralFeatures, ADetectorsScoreStaysOnItsOwnScale) {
  event("e3", 900, 200);
  ASSERT_EQ(fixture_.log.detectors[0][0].type, "forecast");
  EXPECT_NEAR(fixture_.log.detectors[0][0].score, 80, 30);
}

TEST_F(SeveralFeatures, WhatTheLoudOneDoesAllTheTimeIsSeldomAnAlert) {
  EXPECT_LE(alerts_, 3) << "of 60 jumps";
}

DetectorSettings small_forest(Scope scope) {
  DetectorSettings forest = detector_of(*find_detector("half_space_trees"), scope);
  forest.parameters.set("trees", 3);
  forest.parameters.set("depth", 4);
  forest.parameters.set("window_points", 16);
  forest.parameters.set("refit_every", 100);
  return forest;
}

/// The streams of `tests/chaos`, as far as scoring sees them; more entities than fit.
std::vector<StreamSettings> chaos_streams() {
  StreamSettings requests =
      stream_of({"duration", "error", "bytes"},
                {detector_of(*find_detector("spike")), detector_of(*find_detector("range")),
                 small_forest(Scope::stream), small_forest(Scope::group)});
  requests.features[0].transforms = {Transform::log1p};
  requests.features[2].transforms = {Transform::diff};
  StreamSettings readings = stream_of({}, {});
  readings.features_max = 4;
  requests.partition_max_bytes = 20'000;  // 20 entities
  readings.partition_max_bytes = 300'000;
  return {requests, readings};
}

/// One event in ten is of an entity never seen before.
TestEvent chaos_event(Noise& noise, int i) {
  const std::uint64_t entity =
      noise.uniform() < .9 ? noise.bits() % 4 : 100 + static_cast<std::uint64_t>(i);
  const double size = noise.uniform() < .01 ? 20 : 1;
  return {.entity = "s" + std::to_string(entity),
          .time_ms = i * 5LL,
          .values = {size * (100 + 10 * noise.normal()), noise.uniform() < .02 ? 1. : 0.,
                     5000 * noise.uniform()},
          .group = "r" + std::to_string(entity % 5)};
}

/// What a partition says of the events, and its state; with a restart after each, or without any.
std::pair<std::string, std::string> told(const StreamSettings& settings, bool restarts) {
  const auto plan = plan_of(settings, Detail::full);
  auto fixture = std::make_unique<ScoringFixture>(plan);
  fixture->batch.discovered = {{.row = 0, .column = 0, .path = "/temperature"},
                               {.row = 0, .column = 1, .path = "/humidity"},
                               {.row = 0, .column = 2, .path = "/battery/volts"}};
  Noise noise{9};
  std::string text;
  for (int i = 0; i < 700; ++i) {
    fixture->handle(chaos_event(noise, i));
    text += std::exchange(fixture->log, {}).text;
    if (!restarts) continue;
    auto next = std::make_unique<ScoringFixture>(plan);
    const auto report = KeptCuts::of(fixture->saved()).restore(next->partition);
    EXPECT_TRUE(report && report->sentences.empty()) << i;
    next->offset = fixture->offset;
    fixture = std::move(next);
  }
  return {text, fixture->saved()};
}

TEST(SeveralFeaturesRestarted, GoOnAfterAnyRecordAsIfUnbroken) {
  for (const StreamSettings& settings : chaos_streams()) {
    const auto [text, state] = told(settings, false);
    const auto [restarted_text, restarted_state] = told(settings, true);
    EXPECT_TRUE(text == restarted_text) << settings.features.size();
    EXPECT_TRUE(state == restarted_state) << settings.features.size();
  }
}

}  // namespace
}  // namespace tocsin
