#include "daemon/config/contradictions.h"

#include <gtest/gtest.h>

#include "daemon/config/config_for_test.h"

namespace tocsin {
namespace {

/// First lines of all messages, without the file's name.
std::string heads(const std::string& text) {
  std::string result;
  for (const Diagnostic& one : compiled(text).diagnostics) {
    if (one.kind == DiagnosticKind::warning) continue;
    result += std::to_string(one.line) + ":" + std::to_string(one.column) + " " + one.path + ": " +
              one.message + "\n";
  }
  return result;
}

std::string streams(const std::string& list) {
  return "kafka: {brokers: [a:1]}\nstreams: " + list + "\n";
}

std::string features(const std::string& list) {
  return stream_with("    features: " + list + "\n");
}

TEST(Contradictions, TwoStreamsOfOneName) {
  EXPECT_EQ(heads(streams("[{name: s, topics: [x]}, {name: s, topics: [y]}]")),
            "2:42 streams[1].name: a stream is called `s` already, in line 2\n");
  EXPECT_EQ(heads(streams("[{name: y, topics: [x]}, {topics: [y]}]")),
            "2:35 streams[1].name: a stream is called `y` already, in line 2\n");
}

TEST(Contradictions, ATopicReadTwice) {
  EXPECT_EQ(
      heads(streams("[{topics: [x, x]}]")),
      "2:24 streams[0].topics[1]: the topic `x` is read already, by `streams[0].topics[0]` in "
      "line 2\n");
  EXPECT_EQ(heads(streams("[{name: a, topics: [x]}, {name: b, topics: ['^x$']}]")),
            "2:54 streams[1].topics[0]: `^x$` matches the topic `x`, which `streams[0].topics[0]` "
            "reads in line 2\n");
  EXPECT_EQ(heads(streams("[{name: a, topics: ['^x.*']}, {name: b, topics: [xy]}]")),
            "2:59 streams[1].topics[0]: the topic `xy` is also read by `streams[0].topics[0]` in "
            "line 2\n");
  EXPECT_EQ(heads(streams("[{name: a, topics: [x, '^x.*']}]")), "");
}

TEST(Contradictions, AnOutputThatIsAnInput) {
  EXPECT_EQ(heads(streams("[{topics: [tocsin-alerts]}]")),
            "2:21 streams[0].topics[0]: `tocsin-alerts` is the topic of `outputs.alerts`: it would "
            "read what it writes\n");
  EXPECT_EQ(
      heads(streams("[{name: a, topics: ['^tocsin-dead.*']}]")),
      "2:30 streams[0].topics[0]: `^tocsin-dead.*` matches `tocsin-dead-letters`, the topic of "
      "`outputs.dead_letters`: it would read what it writes\n");
  EXPECT_EQ(
      heads(streams("[{name: a, topics: ['^.*-state-.*']}]")),
      "2:30 streams[0].topics[0]: `^.*-state-.*` matches `tocsin-state-any`, a state topic of "
      "this app: it would read what it writes\n");
  EXPECT_EQ(
      heads(streams("[{topics: [x, tocsin-state-x]}]")),
      "2:24 streams[0].topics[1]: `tocsin-state-x` is a state topic of this app: it would read "
      "what it writes\n");
}

// What an expression finds is not known before it does: `^.*-metrics$` would find the state topic
// of each topic that it reads.
TEST(Contradictions, OwnTopicsAreNeverRead) {
  const Compiled result =
      compiled(streams("[{name: a, topics: ['^.*-metrics$']}]") + "app: my.app\n");

  ASSERT_TRUE(result.config);
  EXPECT_EQ(result.config->kafka.never_read,
            (std::vector<std::string>{"my.app-scores", "my.app-alerts", "my.app-dead-letters",
                                      "^my\\.app-state-"}));
}

TEST(Contradictions, OneTopicForTwoOutputs) {
  EXPECT_EQ(heads(valid() + "outputs: {scores: {topic: o}, alerts: {topic: o}}\n"),
            "3:47 outputs.alerts.topic: `o` is also the topic of `outputs.scores`\n");
  EXPECT_EQ(heads(valid() + "outputs: {scores: {topic: tocsin-alerts}}\n"),
            "3:27 outputs.scores.topic: `tocsin-alerts` is also the topic of `outputs.alerts`\n");
  EXPECT_EQ(heads(valid() + "outputs: {alerts: {topic: tocsin-state-x}}\n"),
            "3:27 outputs.alerts.topic: `tocsin-state-x` may be a state topic: those of this app "
            "begin with `tocsin-state-`\n");
}

TEST(Contradictions, AnExpressionThatIsNone) {
  EXPECT_EQ(
      said(streams("[{name: a, topics: ['^(x']}]")),
      R"(t.yaml:2:30: error: streams[0].topics[0]: is the text `"^(x"`, but must be a topic's name, or a regular expression that begins with `^`
  2 | streams: [{name: a, topics: ['^(x']}]
    |                              ^
  hint: The expression is wrong: Unmatched ( or \(.
)");
  EXPECT_EQ(heads(streams("[{topics: ['^x.*']}]")),
            "2:11 streams[0].name: is missing, and the first topic is an expression, which is no "
            "name\n");
}

TEST(Contradictions, Features) {
  EXPECT_EQ(heads(features("[{name: a, field: /a}, {name: a, field: /b}]")),
            "4:45 streams[0].features[1].name: a feature is called `a` already, in line 4\n");
  EXPECT_EQ(heads(features("[{field: /x/a}, {field: /y/a}]")),
            "4:31 streams[0].features[1].name: a feature is called `a` already, in line 4\n");
  EXPECT_EQ(
      heads(features("[{field: /a, is: 1, at_least: 2}]")),
      "4:35 streams[0].features[0].at_least: is a second test beside `is`, but a feature has at "
      "most one\n");
  // What is wrong or missing gives no name, and no second mistake.
  EXPECT_EQ(heads(features("[{transform: hour_of_day}, {transform: log1p}, {field: ''}]")),
            "4:42 streams[0].features[1].field: is missing\n"
            "4:70 streams[0].features[2].field: is an empty text, but must be a JSON pointer such "
            "as `/field` or `/outer/inner`\n");
  EXPECT_EQ(heads(features("[{name: a}]")), "4:16 streams[0].features[0].field: is missing\n");
  EXPECT_EQ(
      heads(features("[{name: h, transform: [hour_of_day, diff]}]")),
      "4:37 streams[0].features[0].transform: `hour_of_day` cannot be combined with `diff` or "
      "`rate`: an hour begins anew every day\n");
  EXPECT_EQ(heads(features("[{name: h, transform: [log1p, hour_of_day]}]")),
            "4:37 streams[0].features[0].transform: `hour_of_day` stands alone, but here are other "
            "transforms\n");
  EXPECT_EQ(
      heads(features("[{field: /h, transform: hour_of_day, is: 3}]")),
      "4:52 streams[0].features[0].is: contradicts `transform: hour_of_day`: a test gives 0 or "
      "1, which is no time\n");
  EXPECT_EQ(
      heads(features("[{field: /a, is: up, transform: diff}]")),
      "4:36 streams[0].features[0].transform: contradicts `is`: a test gives 0 or 1, of which "
      "no transform makes anything more\n");
  EXPECT_EQ(
      heads(features("[{field: /a, transform: [abs, log1p], at_least: 3}]")),
      "4:28 streams[0].features[0].transform: contradicts `at_least`: a test gives 0 or 1, of "
      "which no transform makes anything more\n");
  EXPECT_EQ(
      heads(features("[{field: /a}]") + "    features_max: 9\n"),
      "5:5 streams[0].features_max: contradicts `features`: only features that are discovered "
      "have a maximum\n");
}

TEST(Contradictions, MoreFeaturesThanAPointHolds) {
  std::string list;
  for (int i = 0; i < 65; ++i) list += "      - {field: /f" + std::to_string(i) + "}\n";
  EXPECT_EQ(heads(stream_with("    features:\n" + list)),
            "5:7 streams[0].features: has 65 items, but may have at most 64\n");
}

TEST(Contradictions, Detectors) {
  const auto detectors = [](const std::string& list) {
    return heads(
        stream_with("    features: [{field: /a}, {field: /b}]\n    detectors: " + list + "\n"));
  };
  EXPECT_EQ(
      detectors("[{type: spike}, {type: range}, {type: spike, scope: entity}]"),
      "5:47 streams[0].detectors[2]: is the same `spike` as `streams[0].detectors[0]` in line "
      "5\n");
  EXPECT_EQ(detectors("[{type: spike}, {type: spike, half_life_points: 9}]"), "");
  EXPECT_EQ(detectors("[{type: spike, features: [a, c]}]"),
            "5:45 streams[0].detectors[0].features[1]: no feature is called `c`\n");
  EXPECT_EQ(detectors("[{type: spike, features: [a, a]}]"),
            "5:45 streams[0].detectors[0].features[1]: names the feature `a` twice\n");
  EXPECT_EQ(detectors("[{type: spike, scope: group}]"),
            "5:38 streams[0].detectors[0].scope: is `group`, but `group_by` does not say by which "
            "field\n");
  EXPECT_EQ(detectors("[{type: spike, scope: stream, group_by: /g}]"),
            "5:46 streams[0].detectors[0].group_by: contradicts `scope: stream`\n");
  EXPECT_EQ(
      detectors("[{type: spike, group_by: /g}]"),
      "5:31 streams[0].detectors[0].group_by: has no meaning in scope `entity`, the default\n");
  EXPECT_EQ(detectors("[{type: half_space_trees, scope: entity}]"),
            "5:49 streams[0].detectors[0].scope: is `entity`, but must be one of `stream` or "
            "`group`\n");
  EXPECT_EQ(detectors("[{type: regression, features: [a]}, {type: regression}]"),
            "5:17 streams[0].detectors[0]: `regression` compares features with one another, but "
            "has 1 of the 2 that it needs\n");
  EXPECT_EQ(heads(stream_with("    detectors: [{type: spike, features: [a]}]\n")),
            "4:42 streams[0].detectors[0].features[0]: names the feature `a`, but the stream's "
            "features are discovered\n");
}

TEST(Contradictions, AWrongFeatureIsNotReportedAgainByItsDetectors) {
  EXPECT_EQ(
      heads(stream_with("    features: [{name: a, field: x.y}]\n"
                        "    detectors: [{type: spike, features: [a]}]\n")),
      "4:33 streams[0].features[0].field: is `x.y`, but must be a JSON pointer such as `/field` or "
      "`/outer/inner`\n");
}

TEST(Contradictions, Transactions) {
  EXPECT_EQ(heads(valid() + "delivery: at_least_once\n"), "");
  EXPECT_EQ(heads("kafka: {brokers: [a:1], transaction_timeout: 5s}\nstreams: [{topics: [x]}]\n"
                  "delivery: at_least_once\n"),
            "1:25 kafka.transaction_timeout: contradicts `delivery: at_least_once`, which has no "
            "transactions\n");
  EXPECT_EQ(heads(valid() + "pipeline: {epoch: 20s}\n"),
            "3:19 pipeline.epoch: an epoch of 20s leaves a transaction of at most 15s too little "
            "time\n");
}

TEST(Contradictions, OutputsAndMemory) {
  EXPECT_EQ(heads(valid() + "outputs: {scores: {sample_share: 0.5}}\n"),
            "3:20 outputs.scores.sample_share: has no meaning with `emit: all`\n");
  EXPECT_EQ(heads(valid() + "outputs: {alerts: {encoding: protobuf, cloudevents: structured}}\n"),
            "3:53 outputs.alerts.cloudevents: is `structured`, which is JSON, but `encoding` is "
            "`protobuf`\n");
  EXPECT_EQ(
      heads(valid() + "memory: {max_bytes: 32MiB}\n"),
      "3:21 memory.max_bytes: one partition may need 64MiB, but the whole process only 32MiB\n");
}

TEST(Contradictions, EntityAndTime) {
  EXPECT_EQ(heads(stream_with("    entity: [/a, $key, /a]\n")),
            "4:24 streams[0].entity[2]: `/a` is part of the entity already\n");
  EXPECT_NE(said(stream_with("    entity: $keys\n")).find("did you mean `$key`?"),
            std::string::npos);
  EXPECT_NE(said(stream_with("    time: /ts\n"))
                .find("is `/ts`, but must be a section such as `{field: /ts, unit: ms}`"),
            std::string::npos);
  EXPECT_NE(said(stream_with("    features: [/a]\n"))
                .find("must be a section such as `{name: duration, field: /duration_ms}`"),
            std::string::npos);
  EXPECT_EQ(heads(stream_with("    time: {unit: ms}\n")),
            "4:11 streams[0].time.field: is missing\n");
  EXPECT_EQ(
      heads(stream_with("    entity: []\n")),
      "4:13 streams[0].entity: is an empty list, but must be a JSON pointer such as `/host`, or "
      "`$key`, or a list of such\n");
}

}  // namespace
}  // namespace tocsin
