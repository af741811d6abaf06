#include "pipeline/kafka/kafka_reader.h"

#include <gtest/gtest.h>

#include <random>

#include "pipeline/kafka/collector.h"
#include "pipeline/kafka/embedded_broker.h"
#include "pipeline/kafka/kafka_writer.h"

namespace tocsin {
namespace {

// On librdkafka's own mock cluster, whose groups take three seconds to form.
class KafkaReaderTest : public testing::Test {
 protected:
  void SetUp() override {
    auto started = EmbeddedBroker::start();
    ASSERT_TRUE(started);
    broker = std::move(*started);
    settings.app = "test";
    settings.brokers = {broker->bootstrap()};
    settings.topics = {"in"};
    settings.output_topics = {"out"};
    settings.delivery = Delivery::at_least_once;
    settings.properties = {{"session.timeout.ms", "6000"}, {"heartbeat.interval.ms", "100"}};
    ASSERT_TRUE(broker->create_topic("in", 4));
    ASSERT_TRUE(broker->create_topic("out", 4));
  }

  std::unique_ptr<KafkaReader> join() {
    auto made = KafkaReader::make(settings, nullptr, health);
    EXPECT_TRUE(made);
    return made ? std::move(*made) : nullptr;
  }

  // Offsets of a place must be from, from + 1, … without a hole or a repetition.
  static void expect_whole(const std::vector<Seen>& seen, std::int64_t from, std::int64_t to) {
    ASSERT_EQ(seen.size(), static_cast<std::size_t>(to - from));
    for (std::size_t i = 0; i < seen.size(); ++i) {
      ASSERT_EQ(seen[i].offset, from + static_cast<std::int64_t>(i));
      ASSERT_EQ(seen[i].value, std::to_string(seen[i].offset));
    }
  }

  std::unique_ptr<EmbeddedBroker> broker;
  KafkaSettings settings;
  KafkaHealth health;
};

TEST_F(KafkaReaderTest, DeliversEveryRecordInOrderAndTellsTheEnds) {
  fill(settings.brokers[0], "in", 4, 5000);
  const auto reader = join();
  Collector sink(*reader);

  ASSERT_TRUE(sink.poll_until([&] { return sink.count() == 20'000 && sink.ends.size() == 4; }))
      << sink.error;

  for (std::int32_t p = 0; p < 4; ++p) {
    expect_whole(sink.of("in", p), 0, 5000);
    EXPECT_EQ((sink.ends[{"in", p}]), 5000);
    EXPECT_EQ(reader->last_high(sink.handles()[static_cast<std::size_t>(p)]), 5000);
  }
}

TEST_F(KafkaReaderTest, ReportsKeysValuesHeadersAndTombstonesAsTheyAre) {
  Source source(settings.brokers[0]);
  source.send("in", 0, {.key = "k", .value = "v", .headers = {{"a", "1"}, {"b", std::nullopt}}});
  source.send("in", 0, {.key = "k", .value = std::nullopt, .headers = {}});
  source.send("in", 0, {.key = std::nullopt, .value = "", .headers = {{"a", ""}}});
  source.flush();
  const auto reader = join();
  Collector sink(*reader);

  ASSERT_TRUE(sink.poll_until([&] { return sink.count() == 3; })) << sink.error;

  const auto& seen = sink.of("in", 0);
  EXPECT_EQ(seen[0].key, "k");
  EXPECT_EQ(seen[0].value, "v");
  ASSERT_EQ(seen[0].headers.size(), 2U);
  EXPECT_EQ(seen[0].headers[0].first, "a");
  EXPECT_EQ(seen[0].headers[0].second, "1");
  EXPECT_EQ(seen[0].headers[1].second, std::nullopt);
  EXPECT_GT(seen[0].timestamp_ms, 1'000'000'000'000);
  EXPECT_EQ(seen[1].value, std::nullopt);
  EXPECT_TRUE(seen[1].headers.empty());
  EXPECT_EQ(seen[2].key, std::nullopt);
  EXPECT_EQ(seen[2].value, "");
  EXPECT_EQ(seen[2].headers[0].second, "");
}

TEST_F(KafkaReaderTest, APartitionDeliversNothingBeforeItIsStarted) {
  fill(settings.brokers[0], "in", 4, 100);
  const auto reader = join();
  Collector sink(*reader);
  sink.starts = false;
  ASSERT_TRUE(sink.poll_until([&] { return sink.assignments == 1; }));
  const auto handles = sink.handles();
  ASSERT_EQ(handles.size(), 4U);

  // One is started before librdkafka is told of the assignment, the others long after.
  ASSERT_TRUE(reader->start(handles[0], 10));
  ASSERT_TRUE(sink.poll_until([&] { return sink.of("in", 0).size() == 90; })) << sink.error;
  fill(settings.brokers[0], "in", 4, 100, 100);
  ASSERT_TRUE(sink.poll_until([&] { return sink.of("in", 0).size() == 190; })) << sink.error;
  EXPECT_EQ(sink.count(), 190U);
  ASSERT_TRUE(reader->start(handles[1], 0));
  ASSERT_TRUE(reader->start(handles[2], 150));
  ASSERT_TRUE(reader->start(handles[3], 200));
  ASSERT_TRUE(sink.poll_until([&] {
    return sink.count() == 190 + 200 + 50 && sink.ends.size() == 4;
  })) << sink.error
      << sink.count();

  expect_whole(sink.of("in", 0), 10, 200);
  expect_whole(sink.of("in", 1), 0, 200);
  expect_whole(sink.of("in", 2), 150, 200);
  EXPECT_EQ((sink.ends[{"in", 3}]), 200);
}

TEST_F(KafkaReaderTest, PausingAnyPartitionsAtAnyTimeLosesNothing) {
  constexpr std::int64_t kCount = 20'000;
  fill(settings.brokers[0], "in", 4, kCount);
  const auto reader = join();
  Collector sink(*reader);
  std::mt19937_64 random(7);
  std::uint64_t paused = 0;

  const bool is_done = sink.poll_until(
      [&] {
        const auto handles = sink.handles();
        for (std::size_t i = 0; i < handles.size(); ++i) {
          if (random() % 4 != 0) continue;
          const bool is_paused = ((paused >> i) & 1U) != 0;
          const std::span one(&handles[i], 1);
          is_paused ? reader->resume(one) : reader->pause(one);
          paused ^= 1ULL << i;
        }
        return sink.count() == 4 * kCount;
      },
      100);

  ASSERT_TRUE(is_done) << sink.error << sink.count();
  for (std::int32_t p = 0; p < 4; ++p) expect_whole(sink.of("in", p), 0, kCount);
}

TEST_F(KafkaReaderTest, WithEveryPartitionPausedItIsSilentAndGoesOnWhereItWas) {
  fill(settings.brokers[0], "in", 4, 1000);
  const auto reader = join();
  Collector sink(*reader);
  ASSERT_TRUE(sink.poll_until([&] { return sink.count() > 0; }, 10)) << sink.error;
  const auto handles = sink.handles();
  const std::size_t before = sink.count();

  reader->pause(handles);
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(reader->poll(sink, 1000));
  EXPECT_EQ(sink.count(), before);
  reader->resume(handles);

  ASSERT_TRUE(sink.poll_until([&] { return sink.count() == 4000; })) << sink.error;
  for (std::int32_t p = 0; p < 4; ++p) expect_whole(sink.of("in", p), 0, 1000);
}

TEST_F(KafkaReaderTest, WaitingEndsWhenARecordComes) {
  const auto reader = join();
  Collector sink(*reader);
  ASSERT_TRUE(sink.poll_until([&] { return sink.ends.size() == 4; })) << sink.error;
  fill(settings.brokers[0], "in", 1, 1);

  // No time is measured: one wait of an hour must end, or the test's own time limit ends it.
  while (sink.count() == 0) {
    reader->wait(std::chrono::hours(1));
    ASSERT_TRUE(reader->poll(sink, 1));
  }

  EXPECT_EQ(sink.count(), 1U);
}

TEST_F(KafkaReaderTest, ASecondMemberTakesOverWhereTheFirstHasCommitted) {
  constexpr std::int64_t kCount = 5000;
  fill(settings.brokers[0], "in", 4, kCount);
  const auto first = join();
  Collector one(*first);
  const auto writer = make_kafka_writer(settings, first.get(), nullptr, health);
  ASSERT_TRUE(eventually([&] { return writer->open().status == WriteStatus::ok; }));
  ASSERT_TRUE(one.poll_until([&] { return one.count() >= 2000; }, 100)) << one.error;
  // Before the rebalance: during it the mock cluster takes no commits, as Kafka does.
  std::vector<OffsetToCommit> offsets;
  for (const auto& [place, next] : one.next) {
    offsets.push_back({.topic = place.first, .partition = place.second, .next_offset = next});
  }
  ASSERT_EQ(writer->begin().status, WriteStatus::ok);
  ASSERT_EQ(writer->send_offsets(offsets, one.generation).status, WriteStatus::ok);
  ASSERT_TRUE(eventually([&] { return writer->commit().status == WriteStatus::ok; }));

  const auto second = join();
  Collector two(*second);
  const auto poll_both = [&](std::size_t records_max) {
    return one.poll_until([] { return true; }, records_max) &&
           two.poll_until([] { return true; }, records_max);
  };
  // Both share the partitions before more is read. The mock cluster may rebalance again at any
  // time, so what was not committed may be read twice; real_kafka_test.cc is exact.
  ASSERT_TRUE(eventually(
      [&] { return !poll_both(0) || (one.current.size() == 2 && two.current.size() == 2); }));
  const auto read_by_both = [&](std::int32_t p) {
    std::map<std::int64_t, Seen> all;
    for (Collector* sink : {&one, &two}) {
      for (const Seen& seen : sink->of("in", p)) all.emplace(seen.offset, seen);
    }
    return all;
  };
  const auto is_all_read = [&] {
    if (one.count() + two.count() < 4 * kCount) return false;
    for (std::int32_t p = 0; p < 4; ++p) {
      if (read_by_both(p).size() < kCount) return false;
    }
    return true;
  };
  ASSERT_TRUE(eventually([&] { return !poll_both(100) || is_all_read(); }));

  EXPECT_EQ(one.error + two.error, "");
  EXPECT_GT(two.count(), 0U);
  EXPECT_FALSE(one.revocations.empty());
  for (std::int32_t p = 0; p < 4; ++p) {
    for (const auto& [at, seen] : read_by_both(p)) EXPECT_EQ(seen.value, std::to_string(at));
  }
  second->close();
}

TEST_F(KafkaReaderTest, RemembersTheCommittedOffsetWithItsWords) {
  fill(settings.brokers[0], "in", 1, 10);
  const auto reader = join();
  Collector sink(*reader);
  ASSERT_TRUE(sink.poll_until([&] { return sink.assignments == 1; }));
  const auto handle = sink.handles()[0];
  const auto before = reader->committed(handle);
  ASSERT_TRUE(before);
  EXPECT_FALSE(*before);
  const auto writer = make_kafka_writer(settings, reader.get(), nullptr, health);
  ASSERT_TRUE(eventually([&] { return writer->open().status == WriteStatus::ok; }));

  writer->begin();
  const std::vector<OffsetToCommit> offsets{
      {.topic = "in", .partition = 0, .next_offset = 7, .metadata = "seq=7 config=abc"}};
  ASSERT_EQ(writer->send_offsets(offsets, sink.generation).status, WriteStatus::ok);
  ASSERT_TRUE(eventually([&] { return writer->commit().status == WriteStatus::ok; }));

  const auto after = reader->committed(handle);
  ASSERT_TRUE(after && *after);
  EXPECT_EQ((*after)->offset, 7);
  EXPECT_EQ((*after)->metadata, "seq=7 config=abc");
  const auto marks = reader->watermarks(handle);
  ASSERT_TRUE(marks);
  EXPECT_EQ(marks->low, 0);
  EXPECT_EQ(marks->high, 10);
}

TEST_F(KafkaReaderTest, AnExpressionFindsNewTopicsButNeverOurOwn) {
  settings.topics = {"^in.*"};
  settings.never_read = {"in.state", "^in-state-"};
  settings.properties.emplace_back("topic.metadata.refresh.interval.ms", "100");
  ASSERT_TRUE(broker->create_topic("in.state", 1));
  ASSERT_TRUE(broker->create_topic("in-state-x", 1));
  ASSERT_TRUE(broker->create_topic("inxstate", 1));
  fill(settings.brokers[0], "in.state", 1, 5);
  fill(settings.brokers[0], "in-state-x", 1, 5);
  fill(settings.brokers[0], "inxstate", 1, 5);
  const auto reader = join();
  Collector sink(*reader);
  ASSERT_TRUE(sink.poll_until([&] { return sink.of("inxstate", 0).size() == 5; })) << sink.error;

  ASSERT_TRUE(broker->create_topic("in-later", 1));
  fill(settings.brokers[0], "in-later", 1, 5);
  ASSERT_TRUE(sink.poll_until([&] { return sink.of("in-later", 0).size() == 5; })) << sink.error;

  EXPECT_TRUE(sink.of("in.state", 0).empty());
  EXPECT_TRUE(sink.of("in-state-x", 0).empty());
}

TEST_F(KafkaReaderTest, ABrokerThatGoesAndComesBackIsNoError) {
  fill(settings.brokers[0], "in", 4, 100);
  settings.properties.emplace_back("reconnect.backoff.max.ms", "200");
  const auto reader = join();
  Collector sink(*reader);
  ASSERT_TRUE(sink.poll_until([&] { return sink.count() == 400; })) << sink.error;

  broker->set_reachable(false);
  ASSERT_TRUE(sink.poll_until([&] { return health.errors.value() > 0; })) << sink.error;
  EXPECT_NE(health.last_error(), "");
  broker->set_reachable(true);
  fill(settings.brokers[0], "in", 4, 100, 100);

  ASSERT_TRUE(sink.poll_until([&] { return sink.count() >= 800; })) << sink.error;
  for (std::int32_t p = 0; p < 4; ++p) expect_whole(sink.of("in", p), 0, 200);
}

TEST_F(KafkaReaderTest, AnOffsetThatIsNotThereIsAnErrorWithItsPlace) {
  fill(settings.brokers[0], "in", 4, 10);
  const auto reader = join();
  Collector sink(*reader);
  sink.starts = false;
  ASSERT_TRUE(sink.poll_until([&] { return sink.assignments == 1; }));
  ASSERT_TRUE(reader->start(sink.handles()[2], 1000));

  EXPECT_FALSE(sink.poll_until([&] { return false; }));
  EXPECT_NE(sink.error.find("in [2] has no record at offset 1000"), std::string::npos)
      << sink.error;
}

}  // namespace
}  // namespace tocsin
