// What a broker refuses, and topics that go away: seen, and answered by an end where only a person
// can help, by patience where time can.

#include <gtest/gtest.h>

#include "pipeline/kafka/real_kafka_fixture.h"

namespace tocsin {
namespace {

class RealKafkaRefusalTest : public RealKafkaTest {
 protected:
  /// Nobody may do anything with it any more. (What has no rule is allowed to everybody.)
  void deny(rd_kafka_ResourceType_t type, const std::string& name, rd_kafka_AclOperation_t what) {
    Source source(settings.brokers[0]);
    std::array<char, 256> why{};
    rd_kafka_AclBinding_t* rule = rd_kafka_AclBinding_new(
        type, name.c_str(), RD_KAFKA_RESOURCE_PATTERN_LITERAL, "User:*", "*", what,
        RD_KAFKA_ACL_PERMISSION_TYPE_DENY, why.data(), why.size());
    ASSERT_NE(rule, nullptr) << why.data();
    const RdPtr<rd_kafka_queue_t> answers(rd_kafka_queue_new(source.client()));
    rd_kafka_CreateAcls(source.client(), &rule, 1, nullptr, answers.get());
    const RdPtr<rd_kafka_event_t> answer(rd_kafka_queue_poll(answers.get(), 10'000));
    rd_kafka_AclBinding_destroy(rule);
    ASSERT_TRUE(answer);
    ASSERT_EQ(rd_kafka_event_error(answer.get()), RD_KAFKA_RESP_ERR_NO_ERROR)
        << rd_kafka_event_error_string(answer.get());
  }
  void remove(const std::string& topic) {
    Source source(settings.brokers[0]);
    rd_kafka_DeleteTopic_t* asked = rd_kafka_DeleteTopic_new(topic.c_str());
    const RdPtr<rd_kafka_queue_t> answers(rd_kafka_queue_new(source.client()));
    rd_kafka_DeleteTopics(source.client(), &asked, 1, nullptr, answers.get());
    const RdPtr<rd_kafka_event_t> answer(rd_kafka_queue_poll(answers.get(), 10'000));
    rd_kafka_DeleteTopic_destroy(asked);
    ASSERT_TRUE(answer);
    ASSERT_EQ(rd_kafka_event_error(answer.get()), RD_KAFKA_RESP_ERR_NO_ERROR);
  }
  /// Polls until the reader cannot go on, and says why.
  static std::string end_of(KafkaReader& reader) {
    Collector sink(reader);
    EXPECT_FALSE(sink.poll_until([] { return false; })) << "it goes on";
    return sink.error;
  }
  /// Opens, and writes one record if that is possible.
  static WriteStatus written(LogWriter& writer) {
    const WriteStatus opened = open(writer);
    if (opened != WriteStatus::ok) return opened;
    const std::vector<WriteRecord> one{{.key = "k", .value = "v"}};
    EXPECT_EQ(writer.begin().status, WriteStatus::ok);
    EXPECT_EQ(writer.produce(one), 1U);
    return flush(writer);
  }
};

TEST_F(RealKafkaRefusalTest, InputThatMayNotBeSeenOrReadEndsTheReader) {
  deny(RD_KAFKA_RESOURCE_TOPIC, settings.topics[0], RD_KAFKA_ACL_OPERATION_ALL);
  const auto reader = join();

  const std::string end = end_of(*reader);
  EXPECT_NE(end.find("TOPIC_AUTHORIZATION_FAILED"), std::string::npos) << end;
}

TEST_F(RealKafkaRefusalTest, AGroupThatMayNotBeJoinedEndsTheReader) {
  deny(RD_KAFKA_RESOURCE_GROUP, settings.app, RD_KAFKA_ACL_OPERATION_ALL);
  const auto reader = join();

  const std::string end = end_of(*reader);
  EXPECT_NE(end.find("GROUP_AUTHORIZATION_FAILED"), std::string::npos) << end;
}

TEST_F(RealKafkaRefusalTest, OutputThatMayNotBeWrittenStopsTheWriter) {
  deny(RD_KAFKA_RESOURCE_TOPIC, settings.output_topics[0], RD_KAFKA_ACL_OPERATION_WRITE);
  const auto out = writer();

  EXPECT_EQ(written(*out), WriteStatus::stop);
  EXPECT_NE(last_reason().find("AUTHORIZATION_FAILED"), std::string::npos) << last_reason();
}

TEST_F(RealKafkaRefusalTest, AnInputThatIsDeletedIsReportedAndTheReaderGoesOn) {
  settings.topics.push_back("other-" + unique);
  settings.properties.emplace_back("topic.metadata.refresh.interval.ms", "200");
  create(settings.topics[1], 1);
  const auto reader = join();
  Collector sink(*reader);
  ASSERT_TRUE(sink.poll_until([&] { return sink.current.size() == 5; })) << sink.error;
  const auto errors = health.errors.value();

  remove(settings.topics[1]);
  ASSERT_TRUE(sink.poll_until([&] { return health.errors.value() > errors; })) << sink.error;
  EXPECT_NE(health.last_error().find(settings.topics[1]), std::string::npos) << health.last_error();

  fill(settings.brokers[0], settings.topics[0], 4, 10);
  EXPECT_TRUE(sink.poll_until([&] { return sink.count() == 40; })) << sink.error;
}

TEST_F(RealKafkaRefusalTest, AnOutputThatIsDeletedIsSaidAndNeverPassedOver) {
  const auto out = writer();
  ASSERT_EQ(written(*out), WriteStatus::ok) << last_reason();
  ASSERT_EQ(commit(*out), WriteStatus::ok);
  remove(settings.output_topics[0]);

  const std::vector<WriteRecord> one{{.key = "k", .value = "v"}};
  ASSERT_EQ(out->begin().status, WriteStatus::ok);
  WriteOutcome outcome;
  EXPECT_TRUE(eventually([&] {
    if (out->produce(one) == 0) return true;
    outcome = out->flush();
    return outcome.status != WriteStatus::ok;
  })) << "records go nowhere, and nobody is told";
  EXPECT_NE(outcome.status, WriteStatus::ok);
  EXPECT_FALSE(outcome.reason.empty());
}

}  // namespace
}  // namespace tocsin
