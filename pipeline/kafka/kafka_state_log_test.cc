#include "pipeline/kafka/kafka_state_log.h"

#include <gtest/gtest.h>

#include <mutex>

#include "pipeline/kafka/collector.h"
#include "pipeline/kafka/embedded_broker.h"
#include "pipeline/kafka/kafka_writer.h"

namespace tocsin {
namespace {

struct Listener final : StateSink {
  void state_watermark(StateReading, std::int64_t at) override { high = at; }
  void state_record(StateReading, std::int64_t, std::string_view value) override {
    values.emplace_back(value);
  }
  void state_end(StateReading, std::int64_t next_offset) override { end = next_offset; }
  std::int64_t high = -1;
  std::int64_t end = -1;
  std::vector<std::string> values;
};

// On librdkafka's mock cluster, which neither makes topics nor deletes records: what becomes of a
// state log there. The rest is in real_kafka_state_test.cc.
class KafkaStateLogTest : public testing::Test {
 protected:
  void SetUp() override {
    auto started = EmbeddedBroker::start();
    ASSERT_TRUE(started);
    broker = std::move(*started);
    ASSERT_TRUE(broker->create_topic("in", 2));
    settings = {.app = "t",
                .brokers = {broker->bootstrap()},
                .properties = {{"reconnect.backoff.max.ms", "200"}},
                .delivery = Delivery::at_least_once,
                .topics = {"in"}};
    auto joined = KafkaReader::make(settings, nullptr, health);
    ASSERT_TRUE(joined);
    reader = std::move(*joined);
    const auto log = [this](int, std::string_view, std::string_view text) {
      const std::lock_guard lock(mutex);
      said.emplace_back(text);
    };
    auto made = make_kafka_state_log(settings, *reader, log, state_health);
    ASSERT_TRUE(made);
    states = std::move(*made);
  }

  bool poll_until(const std::function<bool()>& done) {
    return eventually([&] {
      const auto polled = states->poll(listener, 1'000'000);
      EXPECT_TRUE(polled) << polled.error().message;
      reader->wait(std::chrono::milliseconds(10));
      return !polled || done();
    });
  }
  std::size_t times_said(std::string_view text) {
    const std::lock_guard lock(mutex);
    std::size_t count = 0;
    for (const std::string& line : said) count += line.find(text) != std::string::npos ? 1U : 0U;
    return count;
  }

  std::unique_ptr<EmbeddedBroker> broker;
  KafkaSettings settings;
  KafkaHealth health;
  StateLogHealth state_health;
  std::mutex mutex;  // Guards said.
  std::vector<std::string> said;
  std::unique_ptr<KafkaReader> reader;
  std::unique_ptr<StateLog> states;
  Listener listener;
};

TEST_F(KafkaStateLogTest, ReadsWhatAnEmbeddedBrokerHasAndSaysOnceThatNothingIsDeleted) {
  ASSERT_TRUE(broker->create_topic("t-state-in", 2));
  const auto writer = make_kafka_writer(settings, reader.get(), nullptr, health);
  ASSERT_TRUE(eventually([&] { return writer->open().status == WriteStatus::ok; }));
  ASSERT_EQ(writer->begin().status, WriteStatus::ok);
  std::vector<WriteRecord> records;
  for (const char* value : {"a", "b", "c"}) {
    records.push_back(
        {.partition = 1, .value = value, .topic_name = "t-state-in", .wants_place = true});
  }
  std::span<const WriteRecord> rest = records;
  ASSERT_TRUE(eventually([&] {
    rest = rest.subspan(writer->produce(rest));
    return rest.empty();
  }));
  ASSERT_TRUE(eventually([&] { return writer->flush().status == WriteStatus::ok; }));
  ASSERT_EQ(writer->placed().size(), 3U);
  EXPECT_EQ(writer->placed()[2].offset, 2);

  const StateReading reading =
      states->begin({.topic = "t-state-in", .input = "in", .partition = 1}, 1);
  ASSERT_TRUE(poll_until([&] { return listener.end == 3; }));
  EXPECT_EQ(listener.high, 3);
  EXPECT_EQ(listener.values, (std::vector<std::string>{"b", "c"}));
  states->end(reading);

  states->trim("t-state-in", 1, 1);
  ASSERT_TRUE(poll_until([&] { return state_health.failed_trims.value() == 1; }));
  states->trim("t-state-in", 1, 2);
  ASSERT_TRUE(poll_until([&] { return state_health.failed_trims.value() == 2; }));
  EXPECT_EQ(times_said("are not deleted"), 1U);
}

TEST_F(KafkaStateLogTest, WaitsForAPartitionThatNobodyMakesAndSaysHowToMakeIt) {
  ASSERT_TRUE(broker->create_topic("wide", 6));
  ASSERT_TRUE(broker->create_topic("t-state-wide", 2));
  const StateReading reading =
      states->begin({.topic = "t-state-wide", .input = "wide", .partition = 5}, 0);

  ASSERT_TRUE(poll_until([&] {
    return states->waiting_for().find("do it by hand: 6 partitions") != std::string::npos;
  })) << states->waiting_for();
  EXPECT_EQ(listener.high, -1);

  states->end(reading);
  EXPECT_EQ(states->waiting_for(), "");
  states->begin({.topic = "t-state-wide", .input = "wide", .partition = 1}, 0);
  EXPECT_TRUE(poll_until([&] { return listener.end == 0; })) << "others are not held up";
}

TEST_F(KafkaStateLogTest, EndsInTimeWhileNobodyAnswers) {
  broker->set_reachable(false);
  states->begin({.topic = "t-state-in", .input = "in", .partition = 0}, 0);
  states->trim("t-state-in", 0, 5);
  ASSERT_TRUE(poll_until([&] { return !states->waiting_for().empty(); }));

  states.reset();
  reader.reset();
}

}  // namespace
}  // namespace tocsin
