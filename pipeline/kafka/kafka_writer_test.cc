#include "pipeline/kafka/kafka_writer.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "pipeline/kafka/collector.h"
#include "pipeline/kafka/embedded_broker.h"
#include "pipeline/log/murmur2.h"

namespace tocsin {
namespace {

// On librdkafka's own mock cluster: at least once, and the calls of a transaction. Whether those
// mean anything is for real_kafka_test.cc.
class KafkaWriterTest : public testing::Test {
 protected:
  void SetUp() override {
    auto started = EmbeddedBroker::start();
    ASSERT_TRUE(started);
    broker = std::move(*started);
    settings.app = "test";
    settings.brokers = {broker->bootstrap()};
    settings.topics = {"first", "second"};  // Reads back what it writes.
    settings.output_topics = {"first", "second"};
    settings.delivery = Delivery::at_least_once;
    settings.properties = {{"session.timeout.ms", "6000"},
                           {"heartbeat.interval.ms", "100"},
                           {"reconnect.backoff.max.ms", "200"}};
    ASSERT_TRUE(broker->create_topic("first", 4));
    ASSERT_TRUE(broker->create_topic("second", 1));
    auto made = KafkaReader::make(settings, nullptr, health);
    ASSERT_TRUE(made);
    reader = std::move(*made);
  }

  std::unique_ptr<LogWriter> opened() {
    auto writer = make_kafka_writer(settings, reader.get(), nullptr, health);
    EXPECT_TRUE(eventually([&] { return writer->open().status == WriteStatus::ok; }));
    return writer;
  }

  static bool flushed(LogWriter& writer) {
    WriteOutcome outcome;
    return eventually([&] {
             outcome = writer.flush();
             return outcome.status != WriteStatus::retry;
           }) &&
           outcome.status == WriteStatus::ok;
  }

  std::unique_ptr<EmbeddedBroker> broker;
  KafkaSettings settings;
  KafkaHealth health;
  std::unique_ptr<KafkaReader> reader;
};

TEST_F(KafkaWriterTest, WritesWhereJavaWouldAndKeepsTheOrder) {
  const auto writer = opened();
  std::vector<std::string> keys;
  std::vector<std::string> values;
  for (int i = 0; i < 5000; ++i) {
    keys.push_back("card-" + std::to_string(i % 37));
    values.push_back(std::to_string(i));
  }
  const std::vector<HeaderView> headers{{"traceparent", "00-ab"}, {"none", std::nullopt}};
  std::vector<WriteRecord> records;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    records.push_back({.key = keys[i], .value = values[i]});
    if (i % 100 == 0) records.back().headers = headers;
    if (i % 10 == 3) records.back().topic = 1;
  }

  ASSERT_EQ(writer->begin().status, WriteStatus::ok);
  ASSERT_EQ(writer->produce(records), records.size());
  ASSERT_TRUE(flushed(*writer));
  Collector sink(*reader);
  ASSERT_TRUE(sink.poll_until([&] { return sink.count() == 5000; })) << sink.error;

  for (std::int32_t p = 0; p < 4; ++p) {
    int last = -1;
    for (const Seen& seen : sink.of("first", p)) {
      EXPECT_EQ(partition_of(*seen.key, 4), p);
      const int number = std::stoi(*seen.value);
      EXPECT_GT(number, last);
      last = number;
      EXPECT_EQ(seen.headers.size(), number % 100 == 0 ? 2U : 0U);
      if (number % 100 != 0) continue;
      EXPECT_EQ(seen.headers[0].second, "00-ab");
      EXPECT_EQ(seen.headers[1].second, std::nullopt);
    }
  }
  EXPECT_EQ(sink.of("second", 0).size(), 500U);
}

TEST_F(KafkaWriterTest, ObeysAPartitionAndTellsAbsentFromEmpty) {
  const auto writer = opened();
  const std::vector<WriteRecord> records{{.partition = 3, .key = std::nullopt, .value = "x"},
                                         {.partition = 3, .key = "", .value = ""},
                                         {.key = std::nullopt, .value = "no key"}};

  ASSERT_EQ(writer->begin().status, WriteStatus::ok);
  ASSERT_EQ(writer->produce(records), 3U);
  ASSERT_TRUE(flushed(*writer));
  Collector sink(*reader);
  ASSERT_TRUE(sink.poll_until([&] { return sink.count() == 3; })) << sink.error;

  const auto& seen = sink.of("first", 3);
  ASSERT_GE(seen.size(), 2U);
  EXPECT_EQ(seen[0].key, std::nullopt);
  EXPECT_EQ(seen[1].key, "");
  EXPECT_EQ(seen[1].value, "");
  const auto& of_no_key = sink.of("first", partition_of("", 4));
  ASSERT_FALSE(of_no_key.empty());
  EXPECT_EQ(of_no_key.back().value, "no key");
}

TEST_F(KafkaWriterTest, ARecordTooLargeIsNamedAndTheSeriesCannotBeCommitted) {
  settings.properties.emplace_back("message.max.bytes", "2000");
  const auto writer = opened();
  const std::string large(5000, 'x');
  const std::vector<HeaderView> headers{{"a", "b"}};
  const std::vector<WriteRecord> records{{.key = "a", .value = "1"},
                                         {.key = "b", .value = large},
                                         {.key = "c", .value = "2"},
                                         {.key = "d", .value = large, .headers = headers}};
  ASSERT_EQ(writer->begin().status, WriteStatus::ok);

  EXPECT_EQ(writer->produce(records), 4U);
  EXPECT_TRUE(flushed(*writer));
  ASSERT_EQ(writer->refused().size(), 2U);
  EXPECT_EQ(writer->refused()[0].index, 1U);
  EXPECT_EQ(writer->refused()[1].index, 3U);
  EXPECT_NE(writer->refused()[0].reason.find("MSG_SIZE_TOO_LARGE"), std::string::npos);
  EXPECT_EQ(writer->commit().status, WriteStatus::resend);

  ASSERT_TRUE(eventually([&] { return writer->abort().status == WriteStatus::ok; }));
  ASSERT_EQ(writer->begin().status, WriteStatus::ok);
  EXPECT_TRUE(writer->refused().empty());
  EXPECT_EQ(writer->commit().status, WriteStatus::ok);
}

TEST_F(KafkaWriterTest, WaitsForABrokerThatIsGoneAndLosesNothing) {
  const auto writer = opened();
  const std::vector<WriteRecord> records{{.key = "a", .value = "1"}, {.key = "a", .value = "2"}};
  ASSERT_EQ(writer->begin().status, WriteStatus::ok);
  broker->set_reachable(false);
  ASSERT_TRUE(eventually([&] {
    static_cast<void>(writer->flush());  // Serves the client's errors.
    return health.errors.value() > 0;
  }));

  ASSERT_EQ(writer->produce(records), 2U);
  EXPECT_EQ(writer->flush().status, WriteStatus::retry);
  broker->set_reachable(true);
  EXPECT_TRUE(flushed(*writer));

  Collector sink(*reader);
  ASSERT_TRUE(sink.poll_until([&] { return sink.count() == 2; })) << sink.error;
  EXPECT_EQ(sink.of("first", partition_of("a", 4))[1].value, "2");
}

TEST_F(KafkaWriterTest, OffsetsOfAPassedGenerationAreNotCommitted) {
  const auto writer = opened();
  Collector sink(*reader);
  ASSERT_TRUE(sink.poll_until([&] { return sink.assignments == 1; })) << sink.error;
  const GenerationRef passed = sink.generation;
  auto other = KafkaReader::make(settings, nullptr, health);
  ASSERT_TRUE(other);
  Collector second(**other);
  ASSERT_TRUE(eventually([&] {
    return !(*other)->poll(second, 1) || !sink.poll_until([] { return true; }, 1) ||
           (sink.assignments == 2 && second.assignments == 1);
  }));
  const std::vector<OffsetToCommit> offsets{{.topic = "second", .partition = 0, .next_offset = 1}};

  ASSERT_EQ(writer->begin().status, WriteStatus::ok);
  const WriteOutcome outcome = writer->send_offsets(offsets, passed);
  EXPECT_EQ(outcome.status, WriteStatus::resend);
  EXPECT_EQ(outcome.cause, WriteCause::passed);
  // This broker does not tell members, and the client's word has to do.
  const Result<bool> is_member = reader->is_member();
  EXPECT_TRUE(is_member && *is_member);
  EXPECT_EQ(writer->send_offsets(offsets, nullptr).status, WriteStatus::resend);
  EXPECT_EQ(writer->send_offsets(offsets, sink.generation).status, WriteStatus::ok);
}

TEST_F(KafkaWriterTest, GoesThroughTransactionsAndAborts) {
  settings.delivery = Delivery::exactly_once;
  const auto writer = opened();
  Collector sink(*reader);
  ASSERT_TRUE(sink.poll_until([&] { return sink.assignments == 1; })) << sink.error;
  const std::vector<WriteRecord> records{{.key = "a", .value = "1"}};
  const std::vector<OffsetToCommit> offsets{{.topic = "second", .partition = 0, .next_offset = 1}};

  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ(writer->begin().status, WriteStatus::ok);
    ASSERT_EQ(writer->produce(records), 1U);
    if (i % 3 == 0) {
      ASSERT_TRUE(eventually([&] { return writer->abort().status == WriteStatus::ok; }));
      continue;
    }
    ASSERT_TRUE(flushed(*writer));
    ASSERT_TRUE(eventually(
        [&] { return writer->send_offsets(offsets, sink.generation).status == WriteStatus::ok; }));
    ASSERT_TRUE(eventually([&] { return writer->commit().status == WriteStatus::ok; }));
  }
}

TEST_F(KafkaWriterTest, WithoutABrokerItIsNotOpenButMayBeTriedAgain) {
  settings.delivery = Delivery::exactly_once;
  settings.brokers = {"127.0.0.1:1"};
  const auto writer = make_kafka_writer(settings, reader.get(), nullptr, health);

  EXPECT_EQ(writer->open().status, WriteStatus::retry);
  EXPECT_EQ(writer->begin().status, WriteStatus::reopen);
  EXPECT_EQ(writer->produce({}), 0U);
}

}  // namespace
}  // namespace tocsin
