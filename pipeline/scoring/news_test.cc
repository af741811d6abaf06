// What news may open alerts: nothing that its own detector takes for ordinary.

#include <gtest/gtest.h>

#include <string>

#include "pipeline/scoring/scoring_fixture.h"

namespace tocsin {
namespace {

/// A calm entity of 100 events among wild ones.
class NewsTest : public testing::Test {
 protected:
  NewsTest() : fixture_(plan_of(stream_of({"v"}, {detector_of(kEcho)}))) {
    for (int i = 0; i < 100; ++i) {
      event("calm", noise_.uniform() * .1);
      for (int wild = 0; wild < 10; ++wild) event("w" + std::to_string(wild), noise_.uniform());
    }
    fixture_.log = {};
  }

  const ScoredEvent& event(const std::string& entity, double value) {
    fixture_.handle({.entity = entity, .time_ms = now_ += 1000, .values = {value}, .group = {}});
    return fixture_.log.events.back();
  }

  ScoringFixture fixture_;
  Noise noise_{3};
  std::int64_t now_ = 0;
};

TEST_F(NewsTest, AreNotWhatTheirDetectorTakesForOrdinary) {
  const ScoredEvent& event = NewsTest::event("calm", .5);
  EXPECT_GT(event.p_value, .02) << "a record of its own, but every other wild event has as much";
  EXPECT_LE(event.alert_score, event.score);
  EXPECT_TRUE(fixture_.log.alerts.empty());
}

TEST_F(NewsTest, OpenAnAlertByWhatIsBeyondAllThatWasSeen) {
  const ScoredEvent& event = NewsTest::event("calm", .999);
  EXPECT_GT(event.alert_score, event.score);
  EXPECT_EQ(fixture_.log.alerts.size(), 1U);
}

}  // namespace
}  // namespace tocsin
