#include "pipeline/scoring/feature_limits.h"

#include <gtest/gtest.h>

#include "pipeline/scoring/scoring_fixture.h"

namespace tocsin {
namespace {

using Limits = FeatureSettings::Limits;

bool admits(const Limits& limits, double value, std::optional<double> expected) {
  StreamSettings settings = stream_of({"v"}, {});
  settings.features[0].limits = limits;
  return FeatureLimits(settings).admits(0, value, expected);
}

TEST(FeatureLimits, AreEmptyWhereNoneIsSet) {
  StreamSettings settings = stream_of({"v", "w"}, {});
  EXPECT_TRUE(FeatureLimits(settings).is_empty());
  settings.features[1].limits.min_change = 1;
  const FeatureLimits limits(settings);
  EXPECT_FALSE(limits.is_empty());
  EXPECT_TRUE(limits.admits(0, 5, 5)) << "the other feature has none";
}

TEST(FeatureLimits, AdmitBySideDistanceAndSize) {
  EXPECT_TRUE(admits({.direction = Direction::up}, 6, 5));
  EXPECT_FALSE(admits({.direction = Direction::up}, 5, 5));
  EXPECT_FALSE(admits({.direction = Direction::up}, 4, 5));
  EXPECT_TRUE(admits({.direction = Direction::down}, 4, 5));
  EXPECT_FALSE(admits({.direction = Direction::down}, 6, 5));
  EXPECT_TRUE(admits({.min_change = 2}, 7, 5));
  EXPECT_TRUE(admits({.min_change = 2}, 3, 5));
  EXPECT_FALSE(admits({.min_change = 2}, 6.9, 5));
  EXPECT_TRUE(admits({.ignore_below = 10}, 10, 5));
  EXPECT_FALSE(admits({.ignore_below = 10}, 9.9, 5));
  EXPECT_FALSE(admits({.ignore_below = -3}, -4, 5));
}

TEST(FeatureLimits, NeedAnExpectationForSideAndDistance) {
  EXPECT_TRUE(admits({.direction = Direction::up, .min_change = 100}, 1, {}));
  EXPECT_FALSE(admits({.ignore_below = 10}, 1, {}));
}

/// One entity around 100 under `spike`, past its warm-up, and then one value.
class LimitedStream : public testing::Test {
 protected:
  static StreamSettings settings(const Limits& limits, std::vector<Transform> transforms = {}) {
    StreamSettings settings = stream_of({"v"}, {detector_of(*find_detector("spike"))});
    settings.features[0].limits = limits;
    settings.features[0].transforms = std::move(transforms);
    return settings;
  }

  static ScoredEvent after_normal(const StreamSettings& settings, double value) {
    ScoringFixture fixture(plan_of(settings));
    Noise noise(4);
    for (int i = 0; i < 1000; ++i) {
      fixture.handle({.entity = "a", .time_ms = i, .values = {100 + noise.normal()}, .group = {}});
    }
    fixture.log = {};
    fixture.handle({.entity = "a", .time_ms = 1000, .values = {value}, .group = {}});
    ScoredEvent event = fixture.log.events.back();
    event.features = {};
    event.detectors = {};
    return event;
  }
};

TEST_F(LimitedStream, GoByWhatRecordsSayWasExpected) {
  StreamSettings forecast = settings({.direction = Direction::up});
  forecast.forecast.use = ForecastSettings::Use::on;
  ScoringFixture fixture(plan_of(forecast, Detail::full));
  Noise noise(4);
  // The forecast follows a new level long before `spike` does.
  const auto send = [&](double value) {
    fixture.handle(
        {.entity = "a", .time_ms = fixture.offset * 300'000, .values = {value}, .group = {}});
  };
  for (int i = 0; i < 1000; ++i) send(100 + noise.normal());
  for (int i = 0; i < 150; ++i) send(130 + noise.normal());
  send(120);
  const FeatureReading& reading = fixture.log.features.back()[0];
  ASSERT_GT(reading.expected.value_or(0), 125);
  EXPECT_EQ(fixture.log.events.back().p_value, 1) << "it lies below";
}

TEST_F(LimitedStream, ScoresWhatMayNotBeStrangeAsCertainlyNormal) {
  for (const auto& [limits, value] : {std::pair{Limits{.direction = Direction::up}, 50.0},
                                      std::pair{Limits{.direction = Direction::down}, 150.0},
                                      std::pair{Limits{.min_change = 60}, 150.0},
                                      std::pair{Limits{.ignore_below = 160}, 150.0}}) {
    const ScoredEvent event = after_normal(settings(limits), value);
    EXPECT_FALSE(event.warming_up);
    EXPECT_EQ(event.p_value, 1);
    EXPECT_EQ(event.score, 0);
    EXPECT_EQ(event.alert_score, 0);
    EXPECT_FALSE(event.is_anomaly);
    EXPECT_EQ(event.learning, Learning::learned);
    EXPECT_GT(event.confidence, .5);
  }
}

TEST_F(LimitedStream, ScoresWhatMayBeStrangeAsEver) {
  for (const Limits& limits : {Limits{}, Limits{.direction = Direction::up},
                               Limits{.min_change = 40}, Limits{.ignore_below = 0}}) {
    EXPECT_TRUE(after_normal(settings(limits), 150).is_anomaly);
  }
}

TEST_F(LimitedStream, MeasuresInTheUnitOfTheEvent) {
  EXPECT_FALSE(after_normal(settings({.min_change = 60}, {Transform::log1p}), 150).is_anomaly);
  EXPECT_TRUE(after_normal(settings({.min_change = 40}, {Transform::log1p}), 150).is_anomaly);
}

TEST_F(LimitedStream, LeavesOtherFeaturesAlone) {
  StreamSettings two = stream_of({"v", "w"}, {detector_of(*find_detector("spike"))});
  two.features[0].limits.direction = Direction::up;
  ScoringFixture fixture(plan_of(two));
  Noise noise(4);
  for (int i = 0; i < 1000; ++i) {
    fixture.handle(
        {.entity = "a", .time_ms = i, .values = {noise.normal(), noise.normal()}, .group = {}});
  }
  fixture.handle({.entity = "a", .time_ms = 1000, .values = {-50, 0}, .group = {}});
  EXPECT_FALSE(fixture.log.events.back().is_anomaly);
  fixture.handle({.entity = "a", .time_ms = 1001, .values = {-50, -50}, .group = {}});
  ASSERT_TRUE(fixture.log.events.back().is_anomaly);
  EXPECT_EQ(fixture.log.features.back()[0].share, 0);
  EXPECT_EQ(fixture.log.features.back()[1].share, 1);
}

/// Probabilities are as without limits, also after events that they rule out.
TEST_F(LimitedStream, ChangeNothingThatIsLearned) {
  for (const auto& [limits, value] : {std::pair{Limits{.direction = Direction::up}, 150.0},
                                      std::pair{Limits{.min_change = 40}, 150.0}}) {
    const ScoredEvent with = after_normal(settings(limits), value);
    const ScoredEvent without = after_normal(settings({}), value);
    EXPECT_EQ(with.p_value, without.p_value);
    EXPECT_NEAR(with.alert_score, without.alert_score, .1);
    EXPECT_EQ(with.confidence, without.confidence);
  }
}

}  // namespace
}  // namespace tocsin
