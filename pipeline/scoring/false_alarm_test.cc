// The promise of the sensitivity, kept on data without anomalies.

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "pipeline/scoring/scoring_fixture.h"

namespace tocsin {
namespace {

struct Case {
  std::string_view name;
  int entities;
  int events;  ///< An entity, of which the first tenth is not judged.
  double probability;
};
void PrintTo(const Case& shown, std::ostream* out) { *out << shown.name; }

class FalseAlarms : public testing::TestWithParam<Case> {
 protected:
  /// The rate achieved over the rate promised.
  static double excess(std::vector<DetectorSettings> detectors) {
    const Case& now = GetParam();
    StreamSettings settings = stream_of({"v"}, std::move(detectors));
    settings.sensitivity = Sensitivity::per_event(now.probability);
    ScoringFixture fixture(plan_of(settings));
    fixture.batch_rows = Batch::kRowsMax;
    Noise noise(11);
    const int events = now.entities * now.events;
    double alarms = 0;
    double judged = 0;
    for (int i = 0; i < events; ++i) {
      const int entity = i % now.entities;
      fixture.add({.entity = "e" + std::to_string(entity),
                   .time_ms = i * 10LL,
                   .values = {(1 + entity) * noise.normal()},
                   .group = {}});
      if (!fixture.batch.rows.empty()) continue;
      if (i > events / 10) {
        for (const ScoredEvent& event : fixture.log.events) alarms += event.is_anomaly ? 1 : 0;
        judged += static_cast<double>(fixture.log.events.size());
      }
      fixture.log = {};
    }
    return alarms / (judged * now.probability);
  }
};

TEST_P(FalseAlarms, AreAsRareAsPromisedWithOneDetector) {
  const double times = excess({detector_of(*find_detector("spike"))});

  RecordProperty("times_the_promise", std::to_string(times));
  EXPECT_GT(times, .5);
  EXPECT_LT(times, 2);
}

TEST_P(FalseAlarms, AreAsRareAsPromisedWithTheDefaultDetectors) {
  const double times = excess({});

  RecordProperty("times_the_promise", std::to_string(times));
  EXPECT_GT(times, .5);
  EXPECT_LT(times, 2);
}

INSTANTIATE_TEST_SUITE_P(
    OnGaussianNoise, FalseAlarms,
    testing::Values(Case{"OneLongSeries", 1, 60'000, 1e-3}, Case{"TenEntities", 10, 10'000, 1e-3},
                    Case{"ManyEntities", 100, 6000, 1e-4}, Case{"ALooseKnob", 10, 5000, 1e-2}),
    [](const testing::TestParamInfo<Case>& test) { return std::string(test.param.name); });

/// What 200 entities that all begin at once say of their first 200 events, all normal.
struct ColdStart {
  double anomalies = 0;  ///< Over those promised.
  double alerts = 0;     ///< Over those that the probability promises.
};
ColdStart cold_start(double (*value)(Noise&)) {
  constexpr int kEntities = 200;
  constexpr double kProbability = 1e-3;
  StreamSettings settings = stream_of({"v"}, {});
  settings.sensitivity = Sensitivity::per_event(kProbability);
  settings.partition_max_bytes = 64U << 20U;
  ScoringFixture fixture(plan_of(settings));
  fixture.batch_rows = Batch::kRowsMax;
  Noise noise(5);
  for (int i = 0; i < kEntities * 200; ++i) {
    const int entity = i % kEntities;
    fixture.add({.entity = "e" + std::to_string(entity),
                 .time_ms = i / kEntities * 60'000LL,
                 .values = {(1 + entity) * value(noise)},
                 .group = {}});
  }
  ColdStart counts;
  double promised = 0;
  for (const ScoredEvent& event : fixture.log.events) {
    counts.anomalies += !event.warming_up && event.p_value <= kProbability ? 1 : 0;
    promised += event.warming_up ? 0 : kProbability;
  }
  for (const auto& alert : fixture.log.alerts) {
    counts.alerts += alert.state == AlertState::open ? 1 : 0;
  }
  counts.anomalies /= promised;
  counts.alerts /= promised;
  return counts;
}

TEST(ColdStartTest, HasHardlyMoreFalseAlarmsThanPromised) {
  EXPECT_LT(cold_start([](Noise& noise) { return noise.normal(); }).anomalies, 1.6);
  // Heavy tails, and what is mostly nothing. An alert may be for news as well.
  const ColdStart heavy = cold_start([](Noise& noise) { return std::pow(noise.normal(), 3); });
  EXPECT_LT(heavy.anomalies, 1.6);
  EXPECT_LT(heavy.alerts, 5);
  const ColdStart inflated = cold_start(
      [](Noise& noise) { return noise.uniform() < .8 ? 0 : std::exp(.7 * noise.normal()); });
  EXPECT_LT(inflated.anomalies, 1.6);
  EXPECT_LT(inflated.alerts, 5);
}

TEST(ColdStartTest, TellsAnOutlierOfAYoungEntity) {
  StreamSettings settings = stream_of({"v"}, {});
  settings.sensitivity = Sensitivity::per_event(1e-4);
  settings.partition_max_bytes = 64U << 20U;
  ScoringFixture fixture(plan_of(settings));
  Noise noise(5);
  for (int i = 0; i < 50 * 60; ++i) {
    fixture.handle({.entity = "e" + std::to_string(i % 50),
                    .time_ms = i / 50 * 60'000LL,
                    .values = {noise.normal()},
                    .group = {}});
  }
  fixture.log = {};

  fixture.handle({.entity = "e7", .time_ms = 60 * 60'000LL, .values = {20}, .group = {}});

  ASSERT_EQ(fixture.log.alerts.size(), 1U);
  EXPECT_EQ(fixture.log.alerts[0].state, AlertState::open);
}

}  // namespace
}  // namespace tocsin
