// A loud feature does not drown the others.

#include <gtest/gtest.h>

#include <string>

#include "pipeline/scoring/scoring_fixture.h"

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
  ASSERT_EQ(fixture_.log.detectors[0][0].type, "spike");
  EXPECT_NEAR(fixture_.log.detectors[0][0].score, 80, 30);
}

TEST_F(SeveralFeatures, WhatTheLoudOneDoesAllTheTimeIsSeldomAnAlert) {
  EXPECT_LE(alerts_, 3) << "of 60 jumps";
}

}  // namespace
}  // namespace tocsin
