#include "daemon/config/compiler.h"

#include <gtest/gtest.h>

#include "daemon/config/config_for_test.h"
#include "daemon/config/reference.h"

namespace tocsin {
namespace {

TEST(Config, FiveLinesAreAUsefulConfiguration) {
  const Compiled result = compiled(smallest_configuration());

  EXPECT_EQ(render(result.diagnostics, Colour::never), "");
  ASSERT_TRUE(result.config);
  const Config& config = *result.config;
  EXPECT_EQ(config.app, "tocsin");
  EXPECT_EQ(config.kafka.brokers, std::vector<std::string>{"localhost:9092"});
  EXPECT_EQ(config.kafka.app, "tocsin");
  EXPECT_EQ(config.kafka.delivery, Delivery::exactly_once);
  ASSERT_EQ(config.streams.size(), 1U);
  EXPECT_EQ(config.streams[0].name, "api-metrics");
  EXPECT_TRUE(config.streams[0].entity.empty());
  EXPECT_TRUE(config.streams[0].discovers_features());
  EXPECT_EQ(config.streams[0].detectors.size(), 6U);
  EXPECT_EQ(config.outputs.scores.topic, "tocsin-scores");
  EXPECT_EQ(config.outputs.alerts.topic, "tocsin-alerts");
  EXPECT_EQ(config.outputs.dead_letters, "tocsin-dead-letters");
  EXPECT_EQ(config.flow.workers, 0);
}

TEST(Config, DefaultsOfTheTableAreThoseOfTheSettings) {
  const Config config = *compiled(valid()).config;

  const StreamSettings stream;
  EXPECT_EQ(config.streams[0].features_max, stream.features_max);
  EXPECT_EQ(config.streams[0].sensitivity, stream.sensitivity);
  EXPECT_EQ(config.streams[0].far_future_ms, stream.far_future_ms);
  EXPECT_EQ(config.streams[0].record_max_bytes, stream.record_max_bytes);
  EXPECT_EQ(config.streams[0].partition_max_bytes, stream.partition_max_bytes);
  EXPECT_EQ(config.streams[0].seed, stream.seed);
  const OutputSettings outputs;
  EXPECT_EQ(config.outputs.emit, outputs.emit);
  EXPECT_EQ(config.outputs.sample_share, outputs.sample_share);
  EXPECT_EQ(config.outputs.detail, outputs.detail);
  EXPECT_EQ(config.outputs.scores.cloudevents, outputs.scores.cloudevents);
  EXPECT_EQ(config.outputs.alerts.cloudevents, outputs.alerts.cloudevents);
  const FlowSettings flow;
  EXPECT_EQ(config.flow.epoch_ms, flow.epoch_ms);
  EXPECT_EQ(config.flow.epoch_bytes_max, flow.epoch_bytes_max);
  EXPECT_EQ(config.flow.drain_timeout_ms, flow.drain_timeout_ms);
  EXPECT_EQ(config.kafka.transaction_timeout_ms, KafkaSettings().transaction_timeout_ms);
  EXPECT_EQ(config.memory.max_bytes, MemorySettings().max_bytes);
  EXPECT_EQ(config.memory.partition_bytes, MemorySettings().partition_bytes);
  EXPECT_EQ(config.memory.partitions, MemorySettings().partitions);
  EXPECT_EQ(config.http.host, HttpSettings().host);
  EXPECT_EQ(config.http.port, HttpSettings().port);
  EXPECT_EQ(config.snapshot_interval_ms, Config().snapshot_interval_ms);
  EXPECT_EQ(config.topic_wait_ms, Config().topic_wait_ms);
}

// The example of the design, but for a detector that is not there yet.
TEST(Config, ReadsTheExampleOfTheDesign) {
  const Compiled result = compiled(R"(app: api-watch
kafka:
  brokers: [localhost:9092]
  properties: {}
streams:
  - name: api
    topics: [api-metrics]
    format: json
    entity: [/service, /endpoint]
    time: {field: /ts, unit: ms}
    features:
      - {name: duration, field: /duration_ms, transform: log1p}
      - {name: error, field: /status, at_least: 500}
    detectors: [{type: spike}, {type: half_space_trees, scope: stream}]
    sensitivity: balanced
outputs:
  scores: {topic: api-scores, emit: all}
  alerts: {topic: api-alerts}
  dead_letters: {topic: api-dead-letters}
pipeline: {workers: auto, epoch: 200ms}
state: {snapshot_interval: 60s}
memory: {max_bytes: 1GiB}
delivery: exactly_once
http: {listen: 127.0.0.1:8001}
)");

  ASSERT_TRUE(result.config) << render(result.diagnostics, Colour::never);
  const StreamSettings& stream = result.config->streams[0];
  EXPECT_EQ(stream.entity, (std::vector<std::string>{"/service", "/endpoint"}));
  EXPECT_EQ(stream.time.field, "/ts");
  EXPECT_EQ(stream.time.unit, TimeUnit::ms);
  ASSERT_EQ(stream.features.size(), 2U);
  EXPECT_EQ(stream.features[0].transforms, std::vector{Transform::log1p});
  EXPECT_EQ(stream.features[1].test, FeatureTest::at_least);
  EXPECT_EQ(stream.features[1].at_least, 500);
  ASSERT_EQ(stream.detectors.size(), 2U);
  EXPECT_EQ(stream.detectors[0].scope, Scope::entity);
  EXPECT_EQ(stream.detectors[1].scope, Scope::stream);
  EXPECT_EQ(
      render(result.config->warnings, Colour::never),
      R"(t.yaml:9:5: warning: streams[0].entity: is not the record's key, so one entity's records may be in several partitions, each of which then learns a part of it
  9 |     entity: [/service, /endpoint]
    |     ^
  hint: This is harmless where the producers partition by these fields; else key the records by them.
)");
}

TEST(Config, ReadsWhichValuesOfAFeatureMayBeStrange) {
  const Compiled result =
      compiled(stream_with("    features: [{field: /a, direction: up, min_change: 5, ignore_below: "
                           "-1}, {field: /b}]\n"));

  ASSERT_TRUE(result.config) << render(result.diagnostics, Colour::never);
  const auto& features = result.config->streams[0].features;
  EXPECT_EQ(
      features[0].limits,
      (FeatureSettings::Limits{.direction = Direction::up, .min_change = 5, .ignore_below = -1}));
  EXPECT_EQ(features[1].limits, FeatureSettings::Limits{});
}

TEST(Config, ReportsEightMistakesAtOnceInFileOrder) {
  const Compiled result =
      compile("eight_mistakes.yaml", source_file("tests/data/eight_mistakes.yaml"),
              TestSurroundings().make());

  EXPECT_FALSE(result.config);
  EXPECT_EQ(result.diagnostics.size(), 8U);
  EXPECT_EQ(render(result.diagnostics, Colour::never),
            source_file("tests/data/eight_mistakes.txt"));
}

TEST(Config, TheReferenceIsValidAndQuiet) {
  const Compiled result = compiled(source_file("deploy/tocsin.yaml"));

  EXPECT_EQ(render(result.diagnostics, Colour::never), "");
  EXPECT_TRUE(result.config);
}

TEST(Config, PointsAtAMisspeltOptionAndNamesTheRightOne) {
  EXPECT_EQ(said(valid() + "pipelnes: {}\n"), R"(t.yaml:3:1: error: pipelnes: unknown option
  3 | pipelnes: {}
    | ^
  hint: did you mean `pipeline`?
)");
}

TEST(Config, SaysWhereAMisplacedOptionBelongs) {
  EXPECT_EQ(said(valid() + "epoch: 1s\nhttp: {delivery: at_least_once}\n"),
            R"(t.yaml:3:1: error: epoch: unknown option
  3 | epoch: 1s
    | ^
  hint: `epoch` belongs in `pipeline`.
t.yaml:4:8: error: http.delivery: unknown option
  4 | http: {delivery: at_least_once}
    |        ^
  hint: `delivery` belongs at the beginning of a line of its own.
)");
}

TEST(Config, ListsWhatIsAllowedWhereNothingIsNear) {
  EXPECT_EQ(said(valid() + "http: {xyzzy: 1}\n"), R"(t.yaml:3:8: error: http.xyzzy: unknown option
  3 | http: {xyzzy: 1}
    |        ^
  hint: allowed: `listen`
)");
}

TEST(Config, NamesWhatIsMissing) {
  EXPECT_EQ(said("app: x\nkafka: {}\n"),
            R"(t.yaml:1:1: error: streams: is missing
  1 | app: x
    | ^
  hint: What to read, and what is normal in it. For instance `streams: [{topics: [api-metrics]}]`.
t.yaml:2:8: error: kafka.brokers: is missing
  2 | kafka: {}
    |        ^
  hint: Some brokers of the cluster; the others are learned from them. For instance `brokers: [localhost:9092]`.
)");
}

TEST(Config, ABooleanIsTrueOrFalseAndNothingElse) {
  const std::string before = valid() + "outputs: {scores: {include_event: ";
  EXPECT_EQ(
      said(before + "yes}}\n"),
      R"(t.yaml:3:35: error: outputs.scores.include_event: is `yes`, but must be `true` or `false`
  3 | outputs: {scores: {include_event: yes}}
    |                                   ^
  hint: did you mean `true`?
)");
  EXPECT_EQ(
      said(before + "'true'}}\n"),
      R"(t.yaml:3:35: error: outputs.scores.include_event: is the text `"true"`, but must be `true` or `false`
  3 | outputs: {scores: {include_event: 'true'}}
    |                                   ^
  hint: Remove the quotes.
)");
  EXPECT_TRUE(compiled(before + "true}}\n").config);
}

TEST(Config, ANumberIsPlainDecimalAndInRange) {
  const auto message = [](const std::string& value) {
    const std::string text = said(valid() + "memory: {partitions: " + value + "}\n");
    return text.substr(0, text.find('\n'));
  };
  const std::string begin = "t.yaml:3:22: error: memory.partitions: ";
  const std::string end = ", but must be a whole number from 1 to 100000";
  EXPECT_EQ(message("010"), begin + "is `010`" + end);
  EXPECT_EQ(message("0x10"), begin + "is `0x10`" + end);
  EXPECT_EQ(message("0"), begin + "is `0`" + end);
  EXPECT_EQ(message("1.5"), begin + "is `1.5`" + end);
  EXPECT_EQ(message("1e999"), begin + "is `1e999`" + end);
  EXPECT_EQ(message(".nan"), begin + "is `.nan`" + end);
  EXPECT_EQ(message("nan"), begin + "is `nan`" + end);
  EXPECT_EQ(message("'5'"), begin + "is the text `\"5\"`" + end);
  EXPECT_EQ(message("[5]"), begin + "is a list" + end);
  EXPECT_EQ(message("{}"), begin + "is a section" + end);
  EXPECT_EQ(message("5"), "");
}

TEST(Config, NamesOnlySizesThatItTakes) {
  const std::string text = said(stream_with("    record_max_bytes: 1GiB\n"));
  EXPECT_NE(
      text.find("is `1GiB`, but must be a size such as `64KiB` or `1MiB`, from 1KiB to 64MiB"),
      std::string::npos)
      << text;
}

TEST(Config, ADurationAndASizeHaveUnits) {
  EXPECT_EQ(
      said(valid() + "pipeline: {epoch: 200}\nmemory: {max_bytes: 64Mb}\n"),
      R"(t.yaml:3:19: error: pipeline.epoch: is `200`, but must be a duration with a unit (ms, s, m, h, d), from 10ms to 1m
  3 | pipeline: {epoch: 200}
    |                   ^
  hint: Add the unit: ms, s, m, h or d.
t.yaml:4:21: error: memory.max_bytes: is `64Mb`, but must be a size such as `64MiB` or `1GiB`, from 16MiB to 16TiB
  4 | memory: {max_bytes: 64Mb}
    |                     ^
  hint: What the process may need in all; a configuration that could need more is refused.
)");
}

TEST(Config, AnEmptyValueIsNoDefault) {
  EXPECT_EQ(said(valid() + "http:\n"), R"(t.yaml:3:1: error: http: is empty, but must be a section
  3 | http:
    | ^
  hint: Without the line, the default is used.
)");
}

TEST(Config, SuggestsDetectorsAndTheirOptions) {
  EXPECT_EQ(said(stream_with(
                "    detectors: [{type: spik}, {type: spike, warmup: 9}, {scope: group}]\n")),
            R"(t.yaml:4:24: error: streams[0].detectors[0].type: no detector is called `spik`
  4 |     detectors: [{type: spik}, {type: spike, warmup: 9}, {scope: group}]
    |                        ^
  hint: did you mean `spike`?
t.yaml:4:45: error: streams[0].detectors[1].warmup: unknown option
  4 |     detectors: [{type: spik}, {type: spike, warmup: 9}, {scope: group}]
    |                                             ^
  hint: did you mean `warmup_points`?
t.yaml:4:57: error: streams[0].detectors[2].type: is missing
  4 |     detectors: [{type: spik}, {type: spike, warmup: 9}, {scope: group}]
    |                                                         ^
  hint: Which detector; `tocsin detectors` describes them. For instance `type: spike`.
)");
}

TEST(Config, ForecastsForWhatNeedsIt) {
  using Use = ForecastSettings::Use;
  const auto forecast = [](const std::string& text) {
    const Compiled result = compiled(stream_with(text));
    return result.config ? result.config->streams[0].forecast : ForecastSettings{};
  };
  EXPECT_EQ(forecast("").use, Use::on);
  EXPECT_EQ(forecast("    detectors: [{type: spike}]\n").use, Use::off);
  EXPECT_EQ(forecast("    detectors: [{type: forecast}]\n").use, Use::on);
  EXPECT_EQ(forecast("    forecast: {enabled: false}\n").use, Use::off);
  EXPECT_EQ(forecast("    forecast: {holidays: [1970-01-02]}\n").holidays.at(0), 1);
  EXPECT_EQ(forecast("    forecast: {holidays: [1970-01-04, 1970-01-02, 1970-01-04]}\n").holidays,
            (std::vector<std::int64_t>{1, 3}));
}

TEST(Config, SaysWhenALevelIsTheNewNormal) {
  const auto learning = [](const std::string& text) {
    const Compiled result = compiled(stream_with(text));
    return result.config ? result.config->streams[0].learning : LearningSettings{0, 0, 0};
  };
  EXPECT_EQ(learning(""), LearningSettings{}) << "the table's defaults are the policy's";
  EXPECT_EQ(
      learning("    learning: {adopt_after_events: 10, adopt_after: 20m, adopt_at_most: 1h}\n"),
      (LearningSettings{10, 1'200'000, 3'600'000}));
}

TEST(Config, RefusesToAdoptLaterThanAtMost) {
  const std::string most = said(stream_with("    learning: {adopt_at_most: 5h}\n"));
  EXPECT_NE(most.find("learning.adopt_at_most: is shorter than `adopt_after`"), std::string::npos)
      << most;
  const std::string after = said(stream_with("    learning: {adopt_after: 25h}\n"));
  EXPECT_NE(after.find("learning.adopt_after: is longer than `adopt_at_most`"), std::string::npos)
      << after;
}

TEST(Config, RefusesForecastsThatContradictOrMeanNothing) {
  const std::string both =
      said(stream_with("    detectors: [{type: forecast}]\n    forecast: {enabled: false}\n"));
  EXPECT_NE(both.find("streams[0].forecast.enabled: is false, but"), std::string::npos) << both;
  const std::string unused =
      said(stream_with("    detectors: [{type: spike}]\n    forecast: {time_zone: +02:00}\n"));
  EXPECT_NE(unused.find("time_zone: has no meaning: with these detectors"), std::string::npos)
      << unused;
  EXPECT_EQ(said(stream_with("    detectors: [{type: spike}]\n"
                             "    forecast: {enabled: true, time_zone: +02:00}\n")),
            "");
  const std::string zone = said(stream_with("    forecast: {time_zone: UTC+2}\n"));
  EXPECT_NE(zone.find("`UTC+2` is no time zone"), std::string::npos) << zone;
  const std::string day = said(stream_with("    forecast: {holidays: [2026-02-30]}\n"));
  EXPECT_NE(day.find("`2026-02-30` is no day"), std::string::npos) << day;
}

TEST(Config, TakesBrokersAsVariablesHoldThem) {
  const TestSurroundings world{.variables = {{"BROKERS", "one:9092,SSL://two:9093"}}};
  const Compiled result =
      compiled("kafka: {brokers: '${env:BROKERS}'}\nstreams: [{topics: [x]}]\n", world);

  ASSERT_TRUE(result.config) << render(result.diagnostics, Colour::never);
  EXPECT_EQ(result.config->kafka.brokers, (std::vector<std::string>{"one:9092", "SSL://two:9093"}));
  EXPECT_EQ(
      said("kafka: {brokers: ['a:1,', b]}\nstreams: [{topics: [x]}]\n"),
      R"(t.yaml:1:19: error: kafka.brokers[0]: is the text `"a:1,"`, but must be HOST:PORT, or several with commas between
  1 | kafka: {brokers: ['a:1,', b]}
    |                   ^
  hint: Such as `localhost:9092`.
t.yaml:1:27: error: kafka.brokers[1]: is `b`, but must be HOST:PORT, or several with commas between
  1 | kafka: {brokers: ['a:1,', b]}
    |                           ^
  hint: Such as `localhost:9092`.
)");
}

TEST(Config, SaysWhenTheFileCannotBeRead) {
  const Compiled result = compile_file("/nowhere.yaml", TestSurroundings().make());

  EXPECT_EQ(render(result.diagnostics, Colour::never),
            "/nowhere.yaml: error: cannot be read: No such file or directory\n");
}

}  // namespace
}  // namespace tocsin
