// Forecasts as a part of scoring: where they are, what they are told, what they survive.

#include "pipeline/scoring/forecasts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "pipeline/scoring/rich_stream_fixture.h"
#include "pipeline/scoring/state_layout.h"
#include "pipeline/scoring/stream_plan.h"

namespace tocsin {
namespace {

using Use = ForecastSettings::Use;

bool has_forecasts(const StreamSettings& settings) {
  return std::ranges::any_of(plan_of(settings)->entity_ledger(), [](const LedgerRow& row) {
    return row.part == "forecast" && row.bytes >= sizeof(Forecaster::Block);
  });
}

StreamSettings forecast_stream() {
  StreamSettings settings = stream_of({"v", "w"}, {detector_of(*find_detector("forecast"))});
  settings.features[1].transforms = {Transform::log1p};
  return settings;
}

/// Every hour another value; the second feature is missing now and then.
TestEvent event_at(Noise& noise, int i) {
  const double hour = i / 12 % 24;
  const double other = i % 7 == 0 ? std::nan("") : std::exp(noise.normal());
  return {.entity = "host-" + std::to_string(i % 3),
          .time_ms = i * 300'000LL,
          .values = {10 * hour + noise.normal(), other},
          .group = {}};
}

TEST(Forecasts, AreMadeForTheDefaultDetectorsAndThoseThatNeedThem) {
  EXPECT_TRUE(has_forecasts(stream_of({"v"}, {})));
  EXPECT_TRUE(has_forecasts(forecast_stream()));
  EXPECT_FALSE(has_forecasts(stream_of({"v"}, {detector_of(*find_detector("spike"))})));
}

TEST(Forecasts, AreMadeOrNotAsTheConfigurationSays) {
  StreamSettings settings = stream_of({"v"}, {detector_of(*find_detector("spike"))});
  settings.forecast.use = Use::on;
  EXPECT_TRUE(has_forecasts(settings));
  settings.detectors.clear();
  settings.forecast.use = Use::off;
  EXPECT_FALSE(has_forecasts(settings));
}

TEST(Forecasts, AreAPartOfTheDefinition) {
  const StreamSettings settings = forecast_stream();
  const auto plan = plan_of(settings);
  const auto layout = StateLayout::of(plan->inside());
  EXPECT_NE(layout.part(StateBlock::Home::entity, "forecast of `v`"), nullptr);
  EXPECT_NE(layout.part(StateBlock::Home::entity, "forecast of `w`"), nullptr);

  StreamSettings abroad = settings;
  abroad.forecast.time_zone = "Europe/Berlin";
  abroad.forecast.zone = *TimeZone::parse("Europe/Berlin");
  StreamSettings festive = settings;
  festive.forecast.holidays = {20812};

  EXPECT_NE(plan_of(abroad)->definition_hash(), plan->definition_hash());
  EXPECT_NE(plan_of(festive)->definition_hash(), plan->definition_hash());
  EXPECT_NE(definition_of_calibration(abroad, 0), definition_of_calibration(settings, 0));
}

TEST(Forecasts, SayWhatWasExpectedInTheUnitsOfTheEvent) {
  ScoringFixture fixture(plan_of(forecast_stream(), Detail::full));
  Noise noise(3);
  for (int i = 0; i < 3000; ++i) fixture.handle(event_at(noise, i));

  const FeatureReading& value = fixture.log.features.back()[0];
  ASSERT_TRUE(value.expected);
  EXPECT_NEAR(*value.expected, *value.value, 15);
  EXPECT_LT(*value.lower, *value.upper);
  // A median of exp of noise is 1; what is said is no logarithm.
  const FeatureReading& logged = fixture.log.features[2990][1];
  ASSERT_TRUE(logged.upper);
  EXPECT_GT(*logged.upper, 3);
}

TEST(Forecasts, GoOnAfterARestoreAsIfNothingHadHappened) {
  const auto plan = plan_of(forecast_stream(), Detail::full);
  ScoringFixture unbroken(plan);
  ScoringFixture restored(plan);
  Noise noise(4);
  for (int i = 0; i < 1500; ++i) unbroken.handle(event_at(noise, i));
  const KeptCuts cut = KeptCuts::of(unbroken.saved());

  ASSERT_TRUE(cut.restore(restored.partition));
  restored.offset = unbroken.offset;
  const std::size_t told = unbroken.log.text.size();
  for (int i = 1500; i < 2000; ++i) {
    const TestEvent event = event_at(noise, i);
    unbroken.handle(event);
    restored.handle(event);
  }

  EXPECT_EQ(restored.log.text, unbroken.log.text.substr(told));
  EXPECT_EQ(restored.saved(), unbroken.saved());
}

TEST(Forecasts, StartAnewWhereTheClockChanged) {
  StreamSettings settings = forecast_stream();
  ScoringFixture before(plan_of(settings));
  Noise noise(5);
  for (int i = 0; i < 500; ++i) before.handle(event_at(noise, i));
  const KeptCuts cut = KeptCuts::of(before.saved());
  settings.forecast.time_zone = "+05:00";
  settings.forecast.zone = *TimeZone::parse("+05:00");
  ScoringFixture after(plan_of(settings, Detail::full));

  ASSERT_TRUE(cut.restore(after.partition));
  after.offset = before.offset;
  after.handle(event_at(noise, 500));

  EXPECT_FALSE(after.log.features.back()[0].expected);
}

}  // namespace
}  // namespace tocsin
