#include "pipeline/scoring/partition.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "pipeline/scoring/rich_stream_fixture.h"
#include "pipeline/scoring/scoring_fixture.h"
#include "pipeline/scoring/threaded_refits.h"

namespace tocsin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

constexpr int kEvents = 6000;

std::string run_rich(ScoringFixture& fixture) {
  Noise noise(1);
  for (int i = 0; i < kEvents; ++i) fixture.add(rich_event(noise, i));
  fixture.flush();
  return fixture.log.text;
}

TEST(Partition, WarmsUpUntilTheCalibrationHasEvidence) {
  ScoringFixture fixture(plan_of(stream_of({"v"}, {detector_of(kEcho)})));
  Noise noise(1);

  for (int i = 0; i < 40; ++i) fixture.handle({.values = {noise.normal()}, .group = {}});

  for (std::size_t i = 0; i < 40; ++i) EXPECT_EQ(fixture.log.events[i].warming_up, i < 32) << i;
  EXPECT_EQ(fixture.counters.warming_up.value(), 32U);
  EXPECT_EQ(fixture.counters.scored.value(), 8U);
}

TEST(Partition, MakesTheSameOfAnyBatches) {
  const auto plan = plan_of(rich_stream());
  ScoringFixture one(plan);
  const std::string expected = run_rich(one);
  EXPECT_GT(one.counters.evictions.value(), 100U);
  EXPECT_GT(one.counters.refits.value(), 100U);
  EXPECT_GT(one.log.alerts.size(), 3U);

  for (const std::size_t rows : {7U, 512U}) {
    ScoringFixture many(plan);
    many.batch_rows = rows;
    EXPECT_EQ(run_rich(many), expected) << rows;
    EXPECT_EQ(many.saved(), one.saved()) << rows;
  }
}

TEST(Partition, MakesTheSameWhereverRefitsAreComputed) {
  const auto plan = plan_of(rich_stream());
  ScoringFixture on_the_spot(plan);
  const std::string expected = run_rich(on_the_spot);

  ThreadedRefits thread;
  ScoringFixture elsewhere(plan, &thread);
  elsewhere.batch_rows = 100;

  EXPECT_EQ(run_rich(elsewhere), expected);
  EXPECT_EQ(elsewhere.saved(), on_the_spot.saved());
}

TEST(Partition, CountsTombstonesAndRejectedRecordsInItsSequence) {
  ScoringFixture fixture(plan_of(stream_of({"v"}, {detector_of(kEcho)})));
  fixture.batch_rows = 10;
  fixture.add({.values = {1}, .group = {}});
  fixture.add({.values = {1}, .group = {}});
  fixture.add({.values = {1}, .group = {}});
  fixture.batch.rows[1].kind = RowKind::tombstone;
  fixture.batch.rows[2].kind = RowKind::rejected;
  fixture.batch.rows[2].reject = RejectReason::far_future;
  fixture.flush();

  EXPECT_EQ(fixture.partition.sequence(), 3U);
  EXPECT_EQ(fixture.partition.next_offset(), 3);
  EXPECT_EQ(fixture.counters.tombstones.value(), 1U);
  EXPECT_EQ(fixture.counters.rejected[static_cast<std::size_t>(RejectReason::far_future)].value(),
            1U);
  EXPECT_EQ(fixture.log.rejections, 1);
  EXPECT_EQ(fixture.log.events.size(), 1U);
}

TEST(Partition, HasHandledNothingAtFirst) {
  const ScoringFixture fixture(plan_of(stream_of({"v"}, {detector_of(kEcho)})));

  EXPECT_EQ(fixture.partition.sequence(), 0U);
  EXPECT_EQ(fixture.partition.next_offset(), -1);
}

TEST(Partition, TellsValuesInTheUnitsOfTheEvent) {
  // Echo expects 0, and -1 to 1, of every feature as transformed.
  StreamSettings settings = stream_of({"raw", "logged", "changed"}, {detector_of(kEcho)});
  settings.features[1].transforms = {Transform::log1p};
  settings.features[2].transforms = {Transform::diff};
  ScoringFixture fixture(plan_of(settings, Detail::full));

  fixture.handle({.values = {5, 99, 10}, .group = {}});
  fixture.handle({.values = {5, kMissing, 13}, .group = {}});

  const auto& first = fixture.log.features[0];
  EXPECT_EQ(first[0].value, 5);
  EXPECT_EQ(first[0].upper, 1);
  EXPECT_EQ(first[1].value, 99);
  EXPECT_EQ(first[1].expected, 0);
  EXPECT_NEAR(*first[1].upper, std::exp(1) - 1, 1e-12);
  EXPECT_NEAR(*first[1].lower, std::exp(-1) - 1, 1e-12);
  EXPECT_EQ(first[2].value, std::nullopt) << "a first value has no difference";
  const auto& second = fixture.log.features[1];
  EXPECT_EQ(second[1].value, std::nullopt);
  EXPECT_EQ(second[2].value, 3);
  for (const FeatureReading& feature : second) EXPECT_EQ(feature.share, 0) << "warming up";
}

TEST(Partition, LeavesDetailsToAnomaliesUnlessAskedForAll) {
  const auto plan = plan_of(stream_of({"v"}, {detector_of(kEcho)}));
  ScoringFixture fixture(plan);
  Noise noise(4);
  for (int i = 0; i < 2000; ++i) fixture.handle({.values = {noise.uniform()}, .group = {}});

  fixture.handle({.values = {9}, .group = {}});

  for (std::size_t i = 0; i + 1 < fixture.log.events.size(); ++i) {
    EXPECT_EQ(fixture.log.events[i].has_details, fixture.log.events[i].is_anomaly);
  }
  ASSERT_TRUE(fixture.log.events.back().is_anomaly);
  ASSERT_TRUE(fixture.log.events.back().has_details);
  EXPECT_EQ(fixture.log.features.back()[0].name, "v");
  EXPECT_EQ(fixture.log.features.back()[0].value, 9);
  EXPECT_EQ(fixture.log.features.back()[0].share, 1);
  EXPECT_EQ(fixture.log.detectors.back()[0].type, "echo");
  EXPECT_EQ(fixture.log.detectors.back()[0].score, 9);
  EXPECT_LT(fixture.log.detectors.back()[0].p_value, 1e-3);
}

/// What is left of the weights of 2,000 events, of which one is an anomaly.
double leftover_by(Scope scope) {
  StreamSettings settings = stream_of({"v"}, {detector_of(kEcho), detector_of(kLeftover, scope)});
  settings.sensitivity = Sensitivity::per_event(1e-5);
  ScoringFixture fixture(plan_of(settings, Detail::full));
  Noise noise(4);
  while (fixture.offset < 2000) {
    fixture.handle({.values = {.9 * noise.uniform()}, .group = "g"});
  }
  fixture.handle({.values = {9}, .group = "g"});
  EXPECT_EQ(fixture.log.events.back().learning, Learning::weighted);
  const auto anomalies = std::count_if(fixture.log.events.begin(), fixture.log.events.end(),
                                       [](const ScoredEvent& event) { return event.is_anomaly; });
  EXPECT_EQ(anomalies, 1);

  fixture.handle({.values = {.5}, .group = "g"});
  return fixture.log.detectors.back()[1].score;
}

TEST(Partition, LetsAnomaliesTeachAnEntitysOwnModelsATenth) {
  EXPECT_NEAR(leftover_by(Scope::entity), .1, 1e-9);
}

TEST(Partition, LetsAnomaliesTeachSharedModelsInFull) {
  EXPECT_EQ(leftover_by(Scope::group), 0);
  EXPECT_EQ(leftover_by(Scope::stream), 0);
}

TEST(Partition, NamesDiscoveredFeaturesFromTheirRowOn) {
  StreamSettings settings = stream_of({}, {detector_of(kEcho)});
  settings.features_max = 3;
  ScoringFixture fixture(plan_of(settings, Detail::full));
  fixture.batch_rows = 10;

  fixture.add({.values = {1, kMissing, kMissing}, .group = {}});
  fixture.add({.values = {1, 2, 3}, .group = {}});
  fixture.add({.values = {1, 2, 3}, .group = {}});
  fixture.batch.discovered = {{.row = 0, .column = 0, .path = "/cpu/user"},
                              {.row = 1, .column = 1, .path = "/count"},
                              {.row = 1, .column = 2, .path = "/load"}};
  fixture.batch.frozen = Batch::Frozen{.row = 2, .dropped = 0b010};
  fixture.flush();

  ASSERT_EQ(fixture.log.features[0].size(), 1U);
  EXPECT_EQ(fixture.log.features[0][0].name, "cpu/user");
  ASSERT_EQ(fixture.log.features[1].size(), 3U);
  EXPECT_EQ(fixture.log.features[1][1].value, 2);
  ASSERT_EQ(fixture.log.features[2].size(), 2U) << "a dropped column is no feature any more";
  EXPECT_EQ(fixture.log.features[2][1].name, "load");
}

TEST(Partition, KeepsModelsOfGroupsApart) {
  // Refitted scores the value and what its group's refits have found: its first at 50 points.
  ScoringFixture fixture(
      plan_of(stream_of({"v"}, {detector_of(kRefitted, Scope::group)}), Detail::full));

  for (int i = 0; i < 100; ++i) fixture.handle({.values = {0}, .group = "busy"});
  fixture.handle({.values = {0}, .group = "idle"});
  fixture.handle({.values = {0}, .group = "busy"});
  fixture.handle({.values = {0}, .group = ""});

  const auto& detectors = fixture.log.detectors;
  EXPECT_EQ(detectors[69][0].score, 0);
  EXPECT_EQ(detectors[70][0].score, 50);
  EXPECT_EQ(detectors[100][0].score, 0);
  EXPECT_EQ(detectors[101][0].score, 50);
  EXPECT_TRUE(detectors[102].empty()) << "without a group there is no model";
  EXPECT_EQ(fixture.counters.models.value(), 2U);
}

TEST(Partition, GivesNoGroupTheRefitOfAnEvictedOne) {
  // Groups come one after the other, with 60 events of value r (frozen at 50, never adopted) or
  // 80 (adopted at 70: 50 points, and their sum 50 r).
  ScoringFixture fixture(
      plan_of(stream_of({"v"}, {detector_of(kRefitted, Scope::group)}), Detail::full));
  for (int r = 0; r < 100; ++r) {
    const int events = r % 3 == 0 ? 80 : 60;
    for (int i = 0; i < events; ++i) {
      fixture.handle({.values = {1. * r}, .group = "group-" + std::to_string(r)});
    }

    const double found = events > 70 ? 50 + 50 * r : 0;
    EXPECT_EQ(fixture.log.detectors.back()[0].score, r + found) << r;
  }
}

TEST(Partition, GivesTheLevelsBackToItsCounters) {
  StreamCounters counters(1);
  StreamCounters others(1);
  InlineRefits refits;
  const auto plan = plan_of(stream_of({"v"}, {detector_of(kEcho, Scope::stream)}));
  {
    ScoringFixture fixture(plan);
    Partition partition(plan, {.topic = "t", .number = 1}, refits, counters, nullptr);
    fixture.batch_rows = 100;
    for (int i = 0; i < 50; ++i) fixture.add({.values = {1. * i}, .group = {}});
    partition.handle(fixture.batch, fixture.log);
    EXPECT_EQ(counters.entities.value(), 1U);
    EXPECT_EQ(counters.entities_warm.value(), 1U);
    EXPECT_EQ(counters.models.value(), 1U);
    EXPECT_EQ(counters.state_bytes.value(), partition.state_bytes());

    partition.count_into(others);
    EXPECT_EQ(counters.entities.value(), 0U);
    EXPECT_EQ(others.entities.value(), 1U);
  }
  EXPECT_EQ(counters.state_bytes.value(), 0U);
  EXPECT_EQ(others.state_bytes.value(), 0U);
  EXPECT_EQ(others.entities_warm.value(), 0U);
}

TEST(Partition, PromisesTheSensitivityForEveryScoredEvent) {
  StreamSettings settings = stream_of({"v"}, {detector_of(kEcho)});
  settings.sensitivity = Sensitivity::per_event(3e-7);
  ScoringFixture fixture(plan_of(settings));

  for (int i = 0; i < 132; ++i) fixture.handle({.values = {1. * i}, .group = {}});

  // 100 x .3, rounded down.
  EXPECT_EQ(fixture.counters.promised_anomalies_millionths.value(), 29U);
  EXPECT_EQ(fixture.counters.promised_incidents_millionths.value(), 29U);
}

std::uint64_t ticking() {
  thread_local std::uint64_t now = 0;
  return now += 100;
}

TEST(Partition, TimesDetectorsWithoutAnyEffect) {
  const auto plan = plan_of(rich_stream());
  ScoringFixture untimed(plan);
  run_rich(untimed);
  StreamCounters counters(5);
  Partition timed(plan, {.topic = "t", .number = 0}, untimed.refits, counters, ticking);
  ScoringFixture events(plan);
  events.batch_rows = kEvents + 1;
  Noise noise(1);
  for (int i = 0; i < kEvents; ++i) events.add(rich_event(noise, i));

  timed.handle(events.batch, events.log);

  EXPECT_EQ(events.log.text, untimed.log.text);
  EXPECT_GT(counters.detector_seconds[0].sum_seconds(), 0);
  std::uint64_t observed = 0;
  for (std::size_t i = 0; i <= DurationCounter::kBoundsSeconds.size(); ++i) {
    observed += counters.detector_seconds[0].count(i);
  }
  EXPECT_EQ(observed, static_cast<std::uint64_t>(kEvents / 64));
}

}  // namespace
}  // namespace tocsin
