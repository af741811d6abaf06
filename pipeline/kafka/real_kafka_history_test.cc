// What a reading of whole topics has to be on a real broker: every committed record, none other.

#include "pipeline/kafka/kafka_history.h"
#include "pipeline/kafka/real_kafka_fixture.h"

namespace tocsin {
namespace {

/// Keeps what is reported; begins each partition at its low watermark.
class Reading final : public ReadSink {
 public:
  explicit Reading(KafkaHistory& history) : history_(history) {}

  void assigned(std::span<const Assignment> partitions, GenerationRef /*nobodys*/) override {
    for (const Assignment& one : partitions) {
      places[one.handle] = {one.topic, one.partition};
      const auto committed = history_.committed(one.handle);
      EXPECT_TRUE(committed && !*committed);
      const auto marks = history_.watermarks(one.handle);
      ASSERT_TRUE(marks);
      EXPECT_TRUE(history_.start(one.handle, marks->low));
    }
  }
  void revoked(std::span<const PartitionHandle>, Revocation) override { ADD_FAILURE(); }
  void record(const ReadRecord& record) override {
    EXPECT_FALSE(is_paused);
    Seen seen{.offset = record.offset, .key = {}, .value = {}, .headers = {}};
    if (record.key) seen.key = *record.key;
    if (record.value) seen.value = *record.value;
    for (const HeaderView& header : record.headers)
      seen.headers.emplace_back(
          header.name, header.value ? std::optional<std::string>(*header.value) : std::nullopt);
    seen.timestamp_ms = record.timestamp_ms;
    records[places.at(record.partition)].push_back(std::move(seen));
  }
  void end_of_partition(PartitionHandle partition, std::int64_t next_offset) override {
    EXPECT_TRUE(ends.try_emplace(places.at(partition), next_offset).second) << "told twice";
  }

  testing::AssertionResult to_the_end(std::size_t records_max = 1'000) {
    std::string error;
    const bool is_done = eventually([&] {
      const auto polled = history_.poll(*this, records_max);
      if (!polled) error = polled.error().message;
      if (!polled || history_.is_at_end()) return true;
      history_.wait(milliseconds(10));
      return false;
    });
    if (!is_done || !error.empty()) return testing::AssertionFailure() << error;
    return testing::AssertionSuccess();
  }

  std::map<PlaceName, std::vector<Seen>> records;
  std::map<PlaceName, std::int64_t> ends;
  std::map<PartitionHandle, PlaceName> places;
  bool is_paused = false;

 private:
  KafkaHistory& history_;
};

class KafkaHistoryTest : public RealKafkaTest {
 protected:
  std::unique_ptr<KafkaHistory> history() {
    auto opened = KafkaHistory::open(settings, nullptr, health);
    EXPECT_TRUE(opened) << opened.error().message;
    return opened ? std::move(*opened) : nullptr;
  }
  /// A writer into the input.
  std::unique_ptr<LogWriter> input() {
    KafkaSettings as = settings;
    as.output_topics = settings.topics;
    return make_kafka_writer(as, nullptr, nullptr, health);
  }
};

TEST_F(KafkaHistoryTest, ReadsEveryCommittedRecordAtItsTrueOffset) {
  const auto out = input();
  ASSERT_EQ(open(*out), WriteStatus::ok);
  write(*out, {{.partition = 1, .value = "aborted"}});
  ASSERT_EQ(abort(*out), WriteStatus::ok);
  const std::vector<HeaderView> headers{{"a", "1"}, {"b", std::nullopt}};
  write(*out, {{.partition = 1, .key = "k", .value = "first", .headers = headers}});
  ASSERT_EQ(commit(*out), WriteStatus::ok);
  write(*out, {{.partition = 1, .value = "second"}});
  ASSERT_EQ(commit(*out), WriteStatus::ok);

  const auto from = history();
  Reading seen(*from);
  ASSERT_TRUE(seen.to_the_end());

  // An aborted record and its marker, a record and its marker, a record and its marker.
  const PlaceName place{settings.topics[0], 1};
  ASSERT_EQ(seen.records.size(), 1U);
  ASSERT_EQ(seen.records[place].size(), 2U);
  EXPECT_EQ(seen.records[place][0].offset, 2);
  EXPECT_EQ(seen.records[place][0].key, "k");
  EXPECT_EQ(seen.records[place][0].value, "first");
  ASSERT_EQ(seen.records[place][0].headers.size(), 2U);
  EXPECT_EQ(seen.records[place][0].headers[1].second, std::nullopt);
  EXPECT_GT(seen.records[place][0].timestamp_ms, 1'000'000'000'000);
  EXPECT_EQ(seen.records[place][1].offset, 4);
  EXPECT_EQ(seen.records[place][1].key, std::nullopt);
  EXPECT_EQ(seen.ends.size(), 4U);
  EXPECT_EQ(seen.ends[place], 6);
  EXPECT_EQ(from->progress().done, 6U);
  EXPECT_EQ(from->progress().total, 6U);
}

TEST_F(KafkaHistoryTest, EndsWhereItEndedWhenItWasOpened) {
  fill(settings.brokers[0], settings.topics[0], 4, 3'000);
  const auto out = input();
  ASSERT_EQ(open(*out), WriteStatus::ok);
  write(*out, {{.partition = 0, .value = "held back"}});  // Of an open transaction.

  const auto from = history();
  ASSERT_EQ(commit(*out), WriteStatus::ok);
  fill(settings.brokers[0], settings.topics[0], 4, 100);
  Reading seen(*from);
  ASSERT_TRUE(seen.to_the_end(7));

  for (std::int32_t p = 0; p < 4; ++p) {
    const auto& records = seen.records[{settings.topics[0], p}];
    ASSERT_EQ(records.size(), 3'000U);
    for (std::size_t i = 0; i < records.size(); ++i)
      ASSERT_EQ(records[i].offset, static_cast<std::int64_t>(i));
    EXPECT_EQ((seen.ends[{settings.topics[0], p}]), 3'000);
  }
}

TEST_F(KafkaHistoryTest, PausedPartitionsWaitWithoutLosingAnything) {
  fill(settings.brokers[0], settings.topics[0], 4, 500);
  const auto from = history();
  Reading seen(*from);
  const std::vector<PartitionHandle> all{0, 1, 2, 3};
  ASSERT_TRUE(eventually([&] {
    EXPECT_TRUE(from->poll(seen, 50));
    return seen.records.size() == 4;
  }));

  from->pause(all);
  seen.is_paused = true;
  for (int i = 0; i < 20; ++i) EXPECT_EQ(*from->poll(seen, 50), 0U);
  from->resume(all);
  seen.is_paused = false;
  ASSERT_TRUE(seen.to_the_end());

  for (const auto& [place, records] : seen.records) EXPECT_EQ(records.size(), 500U);
}

TEST_F(KafkaHistoryTest, TopicsThatAreNotThereAreNamed) {
  settings.topics = {"absent-" + unique, settings.topics[0], "^none-" + unique + ".*"};
  const auto opened = KafkaHistory::open(settings, nullptr, health);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().message,
            "topic absent-" + unique + " does not exist; no topic matches ^none-" + unique + ".*");
}

TEST_F(KafkaHistoryTest, ReadsSomePartitionsOnly) {
  fill(settings.brokers[0], settings.topics[0], 4, 7);
  const std::vector<TopicPartition> wanted{{settings.topics[0], 3}, {settings.topics[0], 1}};
  auto opened = KafkaHistory::open(settings, wanted, nullptr, health);
  ASSERT_TRUE(opened) << opened.error().message;
  Reading reading(**opened);

  ASSERT_TRUE(reading.to_the_end());

  EXPECT_EQ(reading.records.size(), 2U);
  EXPECT_EQ((reading.records[{settings.topics[0], 1}].size()), 7U);
  EXPECT_EQ((reading.records[{settings.topics[0], 3}].size()), 7U);
}

}  // namespace
}  // namespace tocsin
