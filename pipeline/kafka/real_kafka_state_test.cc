// What only a real broker can prove, of state topics: how they are made, read, written and trimmed.

#include "pipeline/kafka/kafka_state_log.h"
#include "pipeline/kafka/real_kafka_fixture.h"

namespace tocsin {
namespace {

// Remembers what a state log reports of one reading.
struct StateListener final : StateSink {
  void state_watermark(StateReading which, std::int64_t at) override {
    if (which != reading) return;
    EXPECT_EQ(high, -1) << "told once";
    EXPECT_EQ(end, -1) << "before everything else";
    EXPECT_TRUE(records.empty()) << "before everything else";
    high = at;
  }
  void state_record(StateReading which, std::int64_t offset, std::string_view value) override {
    if (which == reading) records.emplace_back(offset, value);
    if (at_record) at_record();
  }
  void state_end(StateReading which, std::int64_t next_offset) override {
    if (which == reading) end = next_offset;
  }

  StateReading reading = 0;
  std::int64_t high = -1;
  std::vector<std::pair<std::int64_t, std::string>> records;
  std::int64_t end = -1;
  std::function<void()> at_record;
};

using Records = std::vector<std::pair<std::int64_t, std::string>>;

class RealKafkaStateTest : public RealKafkaTest {
 protected:
  void SetUp() override {
    RealKafkaTest::SetUp();
    topic = "state-" + unique;
    reader = join();
    auto made = make_kafka_state_log(settings, *reader, nullptr, state_health);
    ASSERT_TRUE(made);
    states = std::move(*made);
    out = writer();
    ASSERT_EQ(open(*out), WriteStatus::ok);
  }

  StatePlace place(std::int32_t partition) const {
    return {.topic = topic, .input = settings.topics[0], .partition = partition};
  }
  WriteRecord frame(std::string_view value, std::int32_t partition = 0) const {
    return {.partition = partition, .value = value, .topic_name = topic, .wants_place = true};
  }
  StateListener begin(std::int32_t partition, std::int64_t offset) {
    StateListener listener;
    listener.reading = states->begin(place(partition), offset);
    return listener;
  }
  bool poll_until(StateListener& listener, const std::function<bool()>& done,
                  std::size_t bytes_max = 1'000'000) {
    return eventually([&] {
             const auto polled = states->poll(listener, bytes_max);
             error = polled ? "" : polled.error().message;
             if (!polled || done()) return true;
             reader->wait(milliseconds(10));
             return false;
           }) &&
           error.empty() && done();
  }
  // Reads until a record or an end at or past the watermark.
  StateListener read(std::int32_t partition, std::int64_t offset) {
    StateListener listener = begin(partition, offset);
    EXPECT_TRUE(poll_until(listener,
                           [&] {
                             return listener.high >= 0 &&
                                    (listener.end >= listener.high ||
                                     (!listener.records.empty() &&
                                      listener.records.back().first + 1 >= listener.high));
                           }))
        << error << states->waiting_for();
    states->end(listener.reading);
    return listener;
  }
  // Makes the topic, as every start does.
  void make_topic() { EXPECT_EQ(read(0, 0).high, 0); }

  Watermarks marks(std::int32_t partition) {
    Source source(settings.brokers[0]);
    Watermarks found;
    EXPECT_EQ(rd_kafka_query_watermark_offsets(source.client(), topic.c_str(), partition,
                                               &found.low, &found.high, 10'000),
              RD_KAFKA_RESP_ERR_NO_ERROR);
    return found;
  }

  std::string topic;
  StateLogHealth state_health;
  std::unique_ptr<KafkaReader> reader;
  std::unique_ptr<StateLog> states;
  std::unique_ptr<LogWriter> out;
  std::string error;
};

TEST_F(RealKafkaStateTest, TheWatermarkCountsAnOpenTransactionWhoseRecordsComeWithItsCommit) {
  make_topic();
  write(*out, {frame("a"), frame("b")});
  StateListener listener = begin(0, 0);

  ASSERT_TRUE(poll_until(listener, [&] { return listener.end >= 0; })) << error;
  EXPECT_EQ(listener.high, 2);
  EXPECT_EQ(listener.end, 0);
  EXPECT_TRUE(listener.records.empty());
  EXPECT_NE(states->waiting_for().find("a transaction is still open"), std::string::npos)
      << states->waiting_for();

  ASSERT_EQ(commit(*out), WriteStatus::ok);
  ASSERT_TRUE(poll_until(listener, [&] { return listener.end == 3; })) << error;
  EXPECT_EQ(listener.records, (Records{{0, "a"}, {1, "b"}}));
  EXPECT_EQ(states->waiting_for(), "");
}

TEST_F(RealKafkaStateTest, TheEndPassesTheWatermarkWhenOnlyAnAbortFollows) {
  make_topic();
  write(*out, {frame("kept")});
  ASSERT_EQ(commit(*out), WriteStatus::ok);
  write(*out, {frame("a"), frame("b")});
  StateListener listener = begin(0, 0);
  ASSERT_TRUE(poll_until(listener, [&] { return listener.end == 2; })) << error;
  EXPECT_EQ(listener.high, 4);

  ASSERT_EQ(abort(*out), WriteStatus::ok);

  ASSERT_TRUE(poll_until(listener, [&] { return listener.end == 5; })) << error;
  EXPECT_EQ(listener.records, (Records{{0, "kept"}}));
}

TEST_F(RealKafkaStateTest, RecordsAreWhereTheWriterSaysTheyArePlaced) {
  make_topic();
  std::vector<std::string> values;
  for (int i = 0; i < 40; ++i) values.push_back("frame " + std::to_string(i));
  std::map<std::int32_t, Records> placed;
  for (int round = 0; round < 3; ++round) {
    std::vector<WriteRecord> records;
    for (std::size_t i = 0; i < values.size(); ++i) {
      records.push_back(frame(values[i], static_cast<std::int32_t>(i % 3)));
      records.push_back({.key = values[i], .value = "an output"});
    }
    write(*out, records);
    ASSERT_EQ(out->placed().size(), values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      const PlacedRecord& one = out->placed()[i];
      EXPECT_EQ(one.index, 2 * i);
      if (round != 1) placed[static_cast<std::int32_t>(i % 3)].emplace_back(one.offset, values[i]);
    }
    ASSERT_EQ(round == 1 ? abort(*out) : commit(*out), WriteStatus::ok);
  }

  for (std::int32_t p = 0; p < 3; ++p) EXPECT_EQ(read(p, 0).records, placed[p]);
  EXPECT_EQ(read(1, placed[1][3].first).records, Records(placed[1].begin() + 3, placed[1].end()));
}

TEST_F(RealKafkaStateTest, AReadingThatEndsMayBeBegunAgainAndMissesNothing) {
  make_topic();
  const std::string large(20'000, 'x');
  write(*out, std::vector<WriteRecord>(400, frame(large)));
  ASSERT_EQ(commit(*out), WriteStatus::ok);
  StateListener first = begin(0, 0);
  first.at_record = [&] {
    if (first.records.size() == 17) states->end(first.reading);
  };
  ASSERT_TRUE(poll_until(
      first, [&] { return first.records.size() == 17; }, 50'000))
      << error;

  // What librdkafka has fetched for the first must not reach the second.
  StateListener second = begin(0, 3);
  ASSERT_TRUE(poll_until(
      second, [&] { return second.end == 401; }, 50'000))
      << error;

  EXPECT_EQ(first.records.size(), 17U);
  ASSERT_EQ(second.records.size(), 397U);
  for (std::size_t i = 0; i < second.records.size(); ++i) {
    ASSERT_EQ(second.records[i].first, static_cast<std::int64_t>(i + 3));
  }
}

TEST_F(RealKafkaStateTest, AMissingTopicIsMadeAsWideAsItsInputAndKeepsEverything) {
  EXPECT_EQ(read(2, 0).high, 0);

  EXPECT_EQ(state_health.topics_made.value(), 1U);
  const std::vector<std::string> names{topic};
  const auto view = admin->look(names, milliseconds(10'000));
  ASSERT_TRUE(view);
  ASSERT_EQ(view->topics.size(), 1U);
  EXPECT_EQ(view->topics[0].partitions, 4);
}

TEST_F(RealKafkaStateTest, ATopicGrowsWithItsInputAndIsWrittenToWithoutOpeningAgain) {
  make_topic();
  write(*out, {frame("early", 3)});
  ASSERT_EQ(commit(*out), WriteStatus::ok);
  add_partitions(settings.topics[0], 6);

  EXPECT_EQ(read(5, 0).high, 0);
  EXPECT_EQ(state_health.topics_grown.value(), 1U);
  write(*out, {frame("late", 5)});
  ASSERT_EQ(commit(*out), WriteStatus::ok);

  EXPECT_EQ(read(5, 0).records, (Records{{0, "late"}}));
  EXPECT_EQ(marks(4).high, 0);
}

TEST_F(RealKafkaStateTest, ARecordForAPartitionThatIsNotYetThereWaitsForIt) {
  create(topic, 1);
  ASSERT_EQ(out->begin().status, WriteStatus::ok);
  const std::vector<WriteRecord> records{frame("a", 0), frame("b", 2)};
  EXPECT_EQ(out->produce(records), 1U);
  ASSERT_EQ(flush(*out), WriteStatus::ok);
  const std::span<const WriteRecord> rest(&records[1], 1);
  EXPECT_EQ(out->produce(rest), 0U);
  const WriteOutcome why = out->flush();
  EXPECT_EQ(why.status, WriteStatus::retry);
  EXPECT_NE(why.reason.find("has no partition 2 yet"), std::string::npos) << why.reason;

  add_partitions(topic, 3);
  ASSERT_TRUE(eventually([&] { return out->produce(rest) == 1; }));
  ASSERT_EQ(flush(*out), WriteStatus::ok) << last_reason();
  ASSERT_EQ(out->placed().size(), 2U);
  EXPECT_EQ(out->placed()[1].index, 1U);
  ASSERT_EQ(commit(*out), WriteStatus::ok);
  EXPECT_EQ(read(2, 0).records, (Records{{0, "b"}}));
}

TEST_F(RealKafkaStateTest, TrimmingDeletesWhatLiesBeforeAndAReadingLeavesItOut) {
  make_topic();
  write(*out, {frame("a"), frame("b"), frame("c"), frame("d")});
  ASSERT_EQ(commit(*out), WriteStatus::ok);
  states->trim(topic, 0, 1);
  states->trim(topic, 0, 2);
  states->trim(topic, 1, 9);  // Beyond its end: refused, and no harm done.

  StateListener nobody;
  ASSERT_TRUE(poll_until(nobody, [&] {
    return state_health.trims.value() == 1 && state_health.failed_trims.value() == 1;
  }));

  EXPECT_EQ(marks(0).low, 2);
  EXPECT_EQ(marks(1).low, 0);
  EXPECT_EQ(read(0, 0).records, (Records{{2, "c"}, {3, "d"}}));
}

TEST_F(RealKafkaStateTest, SaysWhyAReadingDoesNotGetOn) {
  StateListener listener;
  listener.reading =
      states->begin({.topic = topic, .input = "nowhere-" + unique, .partition = 0}, 0);

  EXPECT_TRUE(poll_until(listener, [&] {
    return states->waiting_for().find("nowhere-" + unique) != std::string::npos;
  })) << states->waiting_for();
  EXPECT_EQ(listener.high, -1);
  states->end(listener.reading);
  EXPECT_EQ(states->waiting_for(), "");
}

}  // namespace
}  // namespace tocsin
