#include "daemon/topic_plan.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "daemon/config/config_for_test.h"

namespace tocsin {
namespace {

using Settings = std::map<std::string, std::string, std::less<>>;

const Settings kRight{
    {"cleanup.policy", "delete"}, {"retention.ms", "-1"}, {"retention.bytes", "-1"}};

TopicView topic(std::string name, std::int32_t partitions, std::int64_t max_message_bytes,
                Settings config = {}) {
  return {.name = std::move(name),
          .partitions = partitions,
          .max_message_bytes = max_message_bytes,
          .config = std::move(config)};
}

class TopicPlanTest : public testing::Test {
 protected:
  void SetUp() override {
    cluster.topics = {topic("t-alerts", 2, kMegabyte), topic("t-dead-letters", 1, kMegabyte),
                      topic("t-scores", 4, kMegabyte), topic("x", 4, kMegabyte)};
    states.missing = {"t-state-x"};
  }
  TopicPlan plan() {
    const Compiled compiled = tocsin::compiled(yaml);
    EXPECT_TRUE(compiled.config) << render(compiled.diagnostics, Colour::never);
    return plan_topics(*compiled.config, cluster, states);
  }
  TopicView& named(std::string_view name) {
    return *std::ranges::find(cluster.topics, name, &TopicView::name);
  }

  static constexpr std::int64_t kMegabyte = 1'048'588;
  std::string yaml = "app: t\n" + valid();
  ClusterView cluster;
  ClusterView states;
};

TEST_F(TopicPlanTest, AsksForInputsAndOutputsAndTheStateOfInputsThatAreFound) {
  yaml =
      "app: t\nkafka: {brokers: [a:1]}\nstreams: [{topics: ['^m', x]}]\n"
      "outputs: {scores: {topic: m-scores-not}}\n";
  const Compiled refused = compiled(yaml);
  EXPECT_FALSE(refused.config) << "an expression that matches an output";
  yaml = "app: t\nkafka: {brokers: [a:1]}\nstreams: [{name: s, topics: ['^m', x]}]\n";
  const Config config = *compiled(yaml).config;
  cluster.topics.push_back(topic("metrics", 9, kMegabyte));

  EXPECT_EQ(topics_needed(config),
            (std::vector<std::string>{"^m", "x", "t-scores", "t-alerts", "t-dead-letters"}));
  EXPECT_EQ(state_topics_needed(config, cluster),
            (std::vector<std::string>{"t-state-x", "t-state-metrics"}));
}

TEST_F(TopicPlanTest, AMissingStateTopicIsMadeToKeepEverything) {
  yaml += "state: {topic_replication: 3}\n";

  const TopicPlan made = plan();

  EXPECT_EQ(made.mistakes, std::vector<std::string>());
  EXPECT_EQ(made.warnings, std::vector<std::string>());
  ASSERT_EQ(made.to_make.size(), 1U);
  EXPECT_EQ(made.to_make[0].name, "t-state-x");
  EXPECT_EQ(made.to_make[0].partitions, 4);
  EXPECT_EQ(made.to_make[0].replication, 3);
  EXPECT_EQ(description_of(made.to_make[0]),
            "4 partitions, cleanup.policy=delete, retention.ms=-1, retention.bytes=-1, 3 copies");
  EXPECT_TRUE(made.to_widen.empty());
  EXPECT_NE(topics_table(made).find("t-state-x"), std::string::npos);
  EXPECT_NE(topics_table(made).find("will be made: 4 partitions"), std::string::npos);
}

TEST_F(TopicPlanTest, ARightStateTopicStaysAndANarrowOneIsWidened) {
  states.missing.clear();
  states.topics = {topic("t-state-x", 4, kMegabyte, kRight)};
  EXPECT_TRUE(plan().to_make.empty());
  EXPECT_TRUE(plan().to_widen.empty());

  named("x").partitions = 6;

  const TopicPlan wider = plan();
  EXPECT_EQ(wider.mistakes, std::vector<std::string>());
  ASSERT_EQ(wider.to_widen.size(), 1U);
  EXPECT_EQ(wider.to_widen[0].partitions, 6);
}

TEST_F(TopicPlanTest, SaysEverythingThatIsWrongWithAStateTopicAtOnce) {
  states.missing.clear();
  states.topics = {topic("t-state-x", 5, 100'000,
                         {{"cleanup.policy", "compact,delete"},
                          {"retention.ms", "604800000"},
                          {"retention.bytes", "1000000"}})};

  const TopicPlan wrong = plan();

  ASSERT_EQ(wrong.mistakes.size(), 5U);
  EXPECT_EQ(wrong.missing, 0U);
  EXPECT_NE(wrong.mistakes[0].find("has 5 partitions, but x has 4"), std::string::npos);
  EXPECT_NE(wrong.mistakes[1].find("cleanup.policy=compact,delete"), std::string::npos);
  EXPECT_NE(wrong.mistakes[1].find("set it to delete"), std::string::npos);
  EXPECT_NE(wrong.mistakes[2].find("retention.ms=604800000"), std::string::npos);
  EXPECT_NE(wrong.mistakes[3].find("retention.bytes=1000000"), std::string::npos);
  EXPECT_NE(wrong.mistakes[4].find("max.message.bytes to 262144"), std::string::npos);
  EXPECT_TRUE(wrong.to_widen.empty());
}

TEST_F(TopicPlanTest, NamesEveryTopicThatIsMissingAndWhereItIsConfigured) {
  cluster.topics.clear();
  cluster.missing = {"x", "t-scores"};
  cluster.unmatched = {"^y"};

  const TopicPlan wrong = plan();

  ASSERT_EQ(wrong.mistakes.size(), 3U);
  EXPECT_EQ(wrong.missing, 3U);
  EXPECT_EQ(wrong.mistakes[0],
            "topic x does not exist: create it, or correct its name under `streams`");
  EXPECT_EQ(wrong.mistakes[1],
            "topic t-scores does not exist: create it, or correct its name under `outputs`");
  EXPECT_EQ(wrong.mistakes[2], "no topic matches ^y: create one, or correct it under `streams`");
}

TEST_F(TopicPlanTest, ATopicThatTwoStreamsMatchIsAMistake) {
  yaml =
      "app: t\nkafka: {brokers: [a:1]}\n"
      "streams: [{name: a, topics: ['^x']}, {name: b, topics: ['x$']}]\n";
  yaml.replace(yaml.find("'x$'"), 4, "'^.$'");

  const TopicPlan wrong = plan();

  ASSERT_EQ(wrong.mistakes.size(), 1U);
  EXPECT_EQ(wrong.mistakes[0],
            "topic x is read by stream a (`^x`) and by stream b (`^.$`): a topic belongs to one "
            "stream, so narrow their expressions");
}

TEST_F(TopicPlanTest, WarnsOfOutputsThatTakeLessThanRecordsMayHave) {
  named("t-dead-letters").max_message_bytes = 5000;
  named("t-alerts").max_message_bytes = 5000;
  yaml += "outputs: {scores: {include_event: true}}\n";

  const TopicPlan small = plan();

  EXPECT_TRUE(small.mistakes.empty());
  ASSERT_EQ(small.warnings.size(), 3U);
  EXPECT_EQ(small.warnings[0].find("scores may have 1114112 bytes, but t-scores takes 1048588"), 0U)
      << small.warnings[0];
  EXPECT_EQ(small.warnings[1].find("alerts may have 65536 bytes, but t-alerts takes 5000"), 0U);
  EXPECT_EQ(small.warnings[2].find("dead letters may be as large as a record of x"), 0U);
}

TEST_F(TopicPlanTest, WarnsWhereIncidentsAreSharedAmongOtherPartitions) {
  yaml =
      "app: t\nkafka: {brokers: [a:1]}\nstreams:\n  - {topics: [x], sensitivity: "
      "{incidents_per_day: 5, partitions: 3}}\n";
  EXPECT_EQ(plan().warnings,
            (std::vector<std::string>{"stream x has 4 partitions, but `sensitivity` shares its "
                                      "incidents among 3: say `partitions: 4`"}));

  named("x").partitions = 3;
  EXPECT_EQ(plan().warnings, std::vector<std::string>());
}

TEST_F(TopicPlanTest, SaysHowManyProcessesHoldAllPartitions) {
  EXPECT_EQ(why_one_process_is_too_few(plan(), 4), std::nullopt);
  EXPECT_EQ(why_one_process_is_too_few(plan(), 3),
            "the inputs have 4 partitions together, but memory.max_bytes holds 3: a process that "
            "has more of them is not ready; run 2 processes or more, allow more memory, or less "
            "for each partition (memory.partition_bytes)");
}

TEST_F(TopicPlanTest, WarnsOfACompactedInputAndOfBrokersThatDoNotTell) {
  named("x").config = {{"cleanup.policy", "compact"}};
  states.untold = "not allowed";

  const TopicPlan doubtful = plan();

  EXPECT_TRUE(doubtful.mistakes.empty());
  ASSERT_EQ(doubtful.warnings.size(), 2U);
  EXPECT_EQ(doubtful.warnings[0].find("topic x has cleanup.policy=compact"), 0U);
  EXPECT_NE(doubtful.warnings[1].find("not checked: not allowed"), std::string::npos);
}

}  // namespace
}  // namespace tocsin
