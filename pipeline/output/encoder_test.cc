#include "pipeline/output/encoder.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "pipeline/output/sample_outcomes.h"

namespace tocsin {
namespace {

OutputSettings all_outputs() {
  OutputSettings settings;
  settings.scores.topic = "scores";
  settings.alerts.topic = "alerts";
  settings.dead_letters = "dead-letters";
  return settings;
}

/// An encoder and where it writes.
struct Desk {
  explicit Desk(const OutputSettings& settings) : encoder(settings, sample::kIdentity) {
    encoder.write_to(arena);
  }
  std::string last_value() const { return std::string(arena.records().back().value); }

  OutputArena arena;
  Encoder encoder;
};

std::string scored_json(const ScoredEvent& event, OutputSettings settings = all_outputs()) {
  Desk desk(settings);
  desk.encoder.scored(event);
  return desk.last_value();
}

std::string alert_json(const Alert& alert, const ScoredEvent& cause) {
  Desk desk(all_outputs());
  desk.encoder.alert(alert, cause);
  return desk.last_value();
}

TEST(Encoder, WritesANormalEventBriefly) {
  EXPECT_EQ(scored_json(sample::normal_event()),
            R"({"id":"api/api-metrics/3/1234567","revision":0,"stream":"api","entity":"checkout",)"
            R"("time":"2026-11-21T08:40:00.125Z","status":"scored","score":0.3029,)"
            R"("p_value":0.4979,"alert_score":0.15,"is_anomaly":false,"severity":"none",)"
            R"("confidence":0.99})");
}

TEST(Encoder, LeavesOutScoreAndProbabilityWhileWarmingUp) {
  EXPECT_EQ(scored_json(sample::warming_event()),
            R"({"id":"api/api-metrics/3/1234567","revision":0,"stream":"api","entity":"checkout",)"
            R"("time":"2026-11-21T08:40:00.125Z","status":"warming_up","is_anomaly":false,)"
            R"("severity":"none","confidence":0})");
}

TEST(Encoder, WritesAnAnomalyWithAllThatItRestsOn) {
  OutputSettings settings = all_outputs();
  settings.include_event = true;

  EXPECT_EQ(scored_json(sample::anomaly(), settings),
            R"({"id":"api/api-metrics/3/1234567","revision":0,"stream":"api","entity":"checkout",)"
            R"("time":"2026-11-21T08:40:00.125Z","status":"scored","score":4.0054,)"
            R"("p_value":9.876e-05,"alert_score":3.75,"is_anomaly":true,"severity":"warning",)"
            R"("confidence":0.99,"features":[{"name":"duration","value":912,"expected":131.25,)"
            R"("lower":96.4827,"upper":181.0049,"share":0.8322},)"
            R"({"name":"error","value":1,"share":0.1678}],)"
            R"("detectors":[{"type":"half_space_trees","score":0.7312345678,"p_value":0.003123},)"
            R"({"type":"spike","score":17.25,"p_value":8.123e-05}],"learning":"weighted",)"
            R"("model":{"config":"0123456789abcdef","version":"0.1.0"},)"
            R"("source":{"topic":"api-metrics","partition":3,"offset":1234567},)"
            R"("event":{"service":"checkout","duration_ms":912,"status":500}})");
}

TEST(Encoder, WritesAnOpeningAlert) {
  EXPECT_EQ(
      alert_json(sample::opening(), sample::anomaly()),
      R"({"id":"api/api-metrics/3/1234567/alert/0","revision":0,"stream":"api",)"
      R"("entity":"checkout","time":"2026-11-21T08:40:00.125Z","state":"open",)"
      R"("title":"checkout: duration 912, expected 96.5 to 181","kind":"spike",)"
      R"("incident":"api/api-metrics/3/1234567","opened":"2026-11-21T08:40:00.125Z","count":1,)"
      R"("worst_score":4.0054,"worst_id":"api/api-metrics/3/1234567",)"
      R"("explanation":"About 1 in 10,000 events is as strange as this. duration 912, )"
      R"(expected 96.5 to 181 (83 % of the strangeness); error 1, which is unusual (17 %). )"
      R"(Found by spike (1 in 12,000) and half_space_trees (1 in 320). )"
      R"(2 other entities alert in the same minute.",)"
      R"("suggestion":"Look for what began at this moment: a change, a burst of load, )"
      R"(a failing dependency.","related":["basket","payment"],"status":"scored",)"
      R"("score":4.0054,"p_value":9.876e-05,"alert_score":3.75,"is_anomaly":true,)"
      R"("severity":"warning","confidence":0.99,"features":[{"name":"duration","value":912,)"
      R"("expected":131.25,"lower":96.4827,"upper":181.0049,"share":0.8322},)"
      R"({"name":"error","value":1,"share":0.1678}],)"
      R"("detectors":[{"type":"half_space_trees","score":0.7312345678,"p_value":0.003123},)"
      R"({"type":"spike","score":17.25,"p_value":8.123e-05}],"learning":"weighted",)"
      R"("model":{"config":"0123456789abcdef","version":"0.1.0"},)"
      R"("source":{"topic":"api-metrics","partition":3,"offset":1234567}})");
}

TEST(Encoder, WritesAnEndingWithTheWorstEventAndNothingOfTheOneThatCausedIt) {
  ScoredEvent cause = sample::anomaly();
  cause.entity = "another";

  EXPECT_EQ(alert_json(sample::ending(), cause),
            R"({"id":"api/api-metrics/3/1234567/alert/1","revision":0,"stream":"api",)"
            R"("entity":"checkout","time":"2026-11-21T08:40:00.125Z","state":"close",)"
            R"("title":"checkout: duration is back to normal","kind":"spike",)"
            R"("incident":"api/api-metrics/3/1234000","opened":"2026-11-21T08:35:00.125Z",)"
            R"("closed":"2026-11-21T08:40:00.125Z","close_reason":"recovered","count":12,)"
            R"("worst_score":6.25,"worst_id":"api/api-metrics/3/1234321",)"
            R"("explanation":"The incident lasted 5 min with 12 anomalous events; the worst )"
            R"(scored 6.25. At its worst: duration 912, expected 96.5 to 181. It ended because )"
            R"(events were normal again.","suggestion":"Nothing to do: it ended by itself.",)"
            R"("related":[],"status":"scored","score":6.25,"p_value":5.623e-07,)"
            R"("is_anomaly":true,"severity":"critical","features":[{"name":"duration","value":912,)"
            R"("expected":131.25,"lower":96.4827,"upper":181.0049,"share":0.8322}],)"
            R"("model":{"config":"0123456789abcdef","version":"0.1.0"},)"
            R"("source":{"topic":"api-metrics","partition":3,"offset":1234567}})");
}

TEST(Encoder, UsesTheEntityAsKeyAndTheTopicsInOrder) {
  Desk desk(all_outputs());

  desk.encoder.scored(sample::anomaly());
  desk.encoder.alert(sample::opening(), sample::anomaly());

  ASSERT_EQ(desk.arena.records().size(), 2U);
  const WriteRecord& scored = desk.arena.records()[0];
  const WriteRecord& alert = desk.arena.records()[1];
  EXPECT_EQ(scored.topic, 0);
  EXPECT_EQ(alert.topic, 1);
  EXPECT_EQ(scored.key, "checkout");
  EXPECT_EQ(alert.key, "checkout");
  EXPECT_EQ(scored.partition, WriteRecord::kByKey);
  EXPECT_TRUE(scored.headers.empty());
}

TEST(Encoder, StaysBelow250BytesForNormalNames) {
  ScoredEvent event = sample::normal_event();
  event.source = {.stream = "payments", .topic = "payments", .partition = 7, .offset = 999'999};
  event.entity = "customer-1";

  EXPECT_LT(scored_json(event).size(), 250U);
}

TEST(Encoder, SaysInABriefRecordThatAnEventWasNotLearned) {
  ScoredEvent event = sample::normal_event();
  event.learning = Learning::frozen;

  EXPECT_TRUE(scored_json(event).ends_with(R"("confidence":0.99,"learning":"frozen"})"));
}

TEST(Encoder, SaysOfEventsBeforeAnOffsetThatTheirStateLacksInput) {
  const std::int64_t offset = sample::normal_event().source.offset;
  const auto written = [](std::int64_t until, const ScoredEvent& event) {
    Desk desk(all_outputs());
    desk.encoder.tell_gap_until(until);
    desk.encoder.scored(event);
    return desk.last_value();
  };

  EXPECT_NE(written(offset + 1, sample::normal_event()).find(R"("status":"gap","score":0.3029)"),
            std::string::npos);
  EXPECT_NE(written(offset, sample::normal_event()).find(R"("status":"scored")"),
            std::string::npos);
  EXPECT_NE(written(offset + 1, sample::warming_event()).find(R"("status":"warming_up")"),
            std::string::npos);
}

TEST(Encoder, WritesNoEventUnlessItIsIncluded) {
  EXPECT_EQ(scored_json(sample::anomaly()).find("\"event\""), std::string::npos);
}

TEST(Encoder, WritesNothingToATopicThatIsNotThere) {
  Desk desk(OutputSettings{});

  desk.encoder.scored(sample::anomaly());
  desk.encoder.alert(sample::opening(), sample::anomaly());

  EXPECT_TRUE(desk.arena.records().empty());
}

TEST(Encoder, EscapesAnyEntityAndKeepsItAsKey) {
  const std::string entity = "\"\\\n\x01" + std::string(100, 'e') + "🔥";
  ScoredEvent event = sample::normal_event();
  event.entity = entity;
  Desk desk(all_outputs());

  desk.encoder.scored(event);

  EXPECT_EQ(desk.arena.records()[0].key, entity);
  EXPECT_NE(desk.last_value().find(R"("entity":"\"\\\n\u0001eee)"), std::string::npos);
}

TEST(Encoder, FollowsFromOnePartitionToAnother) {
  Desk desk(all_outputs());
  ScoredEvent event = sample::normal_event();
  const auto id_at = [&](const Source& source) {
    event.source = source;
    desk.encoder.scored(event);
    const std::string value = desk.last_value();
    return value.substr(7, value.find('"', 7) - 7);
  };

  EXPECT_EQ(id_at({.stream = "s", .topic = "t", .partition = 0, .offset = 1}), "s/t/0/1");
  EXPECT_EQ(id_at({.stream = "s", .topic = "t", .partition = 1, .offset = 1}), "s/t/1/1");
  EXPECT_EQ(id_at({.stream = "s", .topic = "u", .partition = 1, .offset = 2}), "s/u/1/2");
  EXPECT_EQ(id_at({.stream = "r", .topic = "u", .partition = 1, .offset = 2}), "r/u/1/2");
}

TEST(Encoder, EmitsAnomaliesOnlyIfSoTold) {
  OutputSettings settings = all_outputs();
  settings.emit = Emit::anomalies;
  Desk desk(settings);

  desk.encoder.scored(sample::normal_event());
  desk.encoder.scored(sample::warming_event());
  EXPECT_TRUE(desk.arena.records().empty());
  desk.encoder.scored(sample::anomaly());
  EXPECT_EQ(desk.arena.records().size(), 1U);
}

std::vector<std::string> sampled(double share, const ScoredEvent& event) {
  OutputSettings settings = all_outputs();
  settings.emit = Emit::sampled;
  settings.sample_share = share;
  Desk desk(settings);
  ScoredEvent moved = event;
  for (moved.source.offset = 0; moved.source.offset < 20'000; ++moved.source.offset) {
    desk.encoder.scored(moved);
  }
  std::vector<std::string> values;
  for (const WriteRecord& record : desk.arena.records()) values.emplace_back(record.value);
  return values;
}

TEST(Encoder, SamplesAStatedShareAndTheSameEventsEachTime) {
  const std::vector<std::string> once = sampled(0.05, sample::normal_event());

  EXPECT_NEAR(static_cast<double>(once.size()), 1000, 120);  // Four standard deviations.
  EXPECT_EQ(sampled(0.05, sample::normal_event()), once);
  EXPECT_TRUE(sampled(0, sample::normal_event()).empty());
  EXPECT_EQ(sampled(1, sample::normal_event()).size(), 20'000U);
}

TEST(Encoder, SamplesEveryAnomaly) { EXPECT_EQ(sampled(0.001, sample::anomaly()).size(), 20'000U); }

}  // namespace
}  // namespace tocsin
