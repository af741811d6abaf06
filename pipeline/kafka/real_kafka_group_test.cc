// What only a real broker can prove, of groups, topics and at-least-once.

#include "pipeline/kafka/real_kafka_fixture.h"

namespace tocsin {
namespace {

// Copies the input to the output in transactions, and commits what it has when it is revoked.
class Copier {
 public:
  Copier(std::unique_ptr<KafkaReader> reader, std::unique_ptr<LogWriter> writer)
      : reader_(std::move(reader)), writer_(std::move(writer)), sink_(*reader_) {
    sink_.before_release = [this] { commit(); };
  }
  bool is_open() {
    return eventually([this] { return writer_->open().status == WriteStatus::ok; });
  }
  // Polls once and now and then commits.
  bool step(std::size_t records_max) {
    if (!sink_.poll_until([] { return true; }, records_max)) return false;
    if (++steps_ % 7 == 0) commit();
    return problem.empty();
  }
  std::size_t partitions() const { return sink_.current.size(); }
  std::size_t revocations() const { return sink_.revocations.size(); }
  void leave() {
    commit();
    reader_->close();
  }

  std::string problem;
  std::size_t committed = 0;

 private:
  void commit() {
    std::vector<WriteRecord> records;
    std::vector<OffsetToCommit> offsets;
    for (const auto& [place, seen] : sink_.records) {
      if (seen.empty()) continue;
      for (const Seen& one : seen) {
        records.push_back({.partition = place.second, .value = *one.value});
      }
      offsets.push_back(
          {.topic = place.first, .partition = place.second, .next_offset = sink_.next.at(place)});
    }
    if (records.empty()) return;
    expect(writer_->begin());
    if (writer_->produce(records) != records.size()) problem = "the queue is full";
    patiently([this] { return writer_->flush(); });
    patiently([&] { return writer_->send_offsets(offsets, sink_.generation); });
    patiently([this] { return writer_->commit(); });
    committed += records.size();
    sink_.records.clear();
  }
  void patiently(const std::function<WriteOutcome()>& call) {
    WriteOutcome outcome;
    eventually([&] {
      outcome = call();
      return outcome.status != WriteStatus::retry;
    });
    expect(outcome);
  }
  void expect(const WriteOutcome& outcome) {
    if (outcome.status != WriteStatus::ok) problem = outcome.reason;
  }

  std::unique_ptr<KafkaReader> reader_;
  std::unique_ptr<LogWriter> writer_;
  Collector sink_;
  int steps_ = 0;
};

TEST_F(RealKafkaTest, MembersComingAndGoingUnderLoadLoseAndRepeatNothing) {
  constexpr std::int64_t kCount = 5000;
  fill(settings.brokers[0], settings.topics[0], 4, kCount);
  Copier first(join(), writer(0));
  ASSERT_TRUE(first.is_open());
  ASSERT_TRUE(eventually([&] { return !first.step(50) || first.committed > 1000; }));
  Copier second(join(), writer(1));
  ASSERT_TRUE(second.is_open());

  // The second comes and, when it has done its share, goes.
  ASSERT_TRUE(
      eventually([&] { return !first.step(0) || !second.step(50) || second.committed > 500; }));
  EXPECT_EQ(first.partitions() + second.partitions(), 4U);
  EXPECT_EQ(first.revocations(), 1U);
  second.leave();
  ASSERT_TRUE(eventually(
      [&] { return !first.step(500) || first.committed + second.committed == 4 * kCount; }));
  EXPECT_EQ(first.problem + second.problem, "");

  const auto auditor = audit();
  Collector seen(*auditor);
  ASSERT_TRUE(seen.poll_until([&] { return seen.count() >= 4 * kCount; })) << seen.error;
  for (std::int32_t p = 0; p < 4; ++p) {
    const auto& records = seen.of(settings.output_topics[0], p);
    ASSERT_EQ(records.size(), static_cast<std::size_t>(kCount));
    for (std::size_t i = 0; i < records.size(); ++i) {
      ASSERT_EQ(records[i].value, std::to_string(i));
    }
  }
}

TEST_F(RealKafkaTest, AtLeastOnceCommitsWhatItHandsOver) {
  settings.delivery = Delivery::at_least_once;
  fill(settings.brokers[0], settings.topics[0], 4, 1000);
  const auto first = join();
  Collector one(*first);
  const auto out = make_kafka_writer(settings, first.get(), nullptr, health);
  ASSERT_EQ(open(*out), WriteStatus::ok);
  WriteStatus handed_over = WriteStatus::stop;
  one.before_release = [&] {
    std::vector<OffsetToCommit> offsets;
    for (const auto& [place, next] : one.next) offsets.push_back(offset(place.second, next));
    ASSERT_EQ(out->begin().status, WriteStatus::ok);
    ASSERT_EQ(send(*out, offsets, one.generation), WriteStatus::ok);
    handed_over = commit(*out);
  };
  ASSERT_TRUE(one.poll_until([&] { return one.count() > 400; }, 10)) << one.error;
  const auto second = join();
  Collector two(*second);
  const auto poll_both = [&](std::size_t records_max) {
    return one.poll_until([] { return true; }, records_max) &&
           two.poll_until([] { return true; }, records_max);
  };
  ASSERT_TRUE(eventually([&] { return !poll_both(0) || two.assignments > 0; }));
  ASSERT_TRUE(eventually([&] { return !poll_both(10) || one.count() + two.count() >= 4000; }));

  EXPECT_EQ(handed_over, WriteStatus::ok) << last_reason();
  EXPECT_EQ(one.count() + two.count(), 4000U);
  one.before_release = nullptr;
}

TEST_F(RealKafkaTest, AMissingTopicIsReportedAndFoundOnceItIsThere) {
  settings.topics = {"later-" + unique};
  settings.properties.emplace_back("topic.metadata.refresh.interval.ms", "200");
  const auto reader = join();
  Collector sink(*reader);
  ASSERT_TRUE(sink.poll_until([&] { return health.errors.value() > 0; })) << sink.error;
  EXPECT_NE(health.last_error().find(settings.topics[0]), std::string::npos);
  const auto before = admin->look(settings.topics, milliseconds(10'000));
  ASSERT_TRUE(before);
  EXPECT_EQ(before->missing, settings.topics);

  create(settings.topics[0], 2, {{"max.message.bytes", "12345"}});
  fill(settings.brokers[0], settings.topics[0], 2, 10);

  ASSERT_TRUE(sink.poll_until([&] { return sink.count() == 20; })) << sink.error;
  const auto after = admin->look(settings.topics, milliseconds(10'000));
  ASSERT_TRUE(after);
  ASSERT_EQ(after->topics.size(), 1U);
  EXPECT_EQ(after->topics[0].partitions, 2);
  EXPECT_EQ(after->topics[0].max_message_bytes, 12345);
}

TEST_F(RealKafkaTest, AStaticMemberThatComesBackKeepsItsPartitions) {
  settings.instance = "pod-0";
  const auto first = join();
  Collector one(*first);
  KafkaSettings other = settings;
  other.instance = "pod-1";
  const auto second = join(other);
  Collector two(*second);
  ASSERT_TRUE(eventually([&] {
    return !one.poll_until([] { return true; }) || !two.poll_until([] { return true; }) ||
           (one.current.size() == 2 && two.current.size() == 2);
  }));
  const std::size_t rebalances = two.assignments;

  first->close();
  const auto again = join();
  Collector returned(*again);
  ASSERT_TRUE(eventually([&] {
    return !returned.poll_until([] { return true; }) || !two.poll_until([] { return true; }) ||
           returned.current.size() == 2;
  }));

  EXPECT_EQ(two.assignments, rebalances);
  EXPECT_EQ(returned.error + two.error, "");
}

TEST_F(RealKafkaTest, AMemberIsOneUntilAnotherComesUnderItsName) {
  settings.instance = "pod-0";
  const auto first = join();
  Collector one(*first);
  ASSERT_TRUE(one.poll_until([&] { return one.current.size() == 4; })) << one.error;
  const Result<bool> alone = first->is_member();
  ASSERT_TRUE(alone) << alone.error().message;
  EXPECT_TRUE(*alone);

  const auto again = join();
  Collector two(*again);
  ASSERT_TRUE(two.poll_until([&] { return two.current.size() == 4; })) << two.error;
  const Result<bool> heir = again->is_member();
  const Result<bool> former = first->is_member();
  ASSERT_TRUE(heir && former);
  EXPECT_TRUE(*heir);
  EXPECT_FALSE(*former);
}

// With an assignment that nobody has looked at librdkafka closes at once; and who answers it then
// waits without end.
TEST_F(RealKafkaTest, ClosingComesToAnEndAtEveryMomentOfARebalance) {
  enum class Moment { joining, reported_by_librdkafka, reported_by_us, taken_up };
  for (int i = 0; i < 32; ++i) {
    const auto moment = static_cast<Moment>(i % 4);
    settings.instance = i % 8 < 4 ? "" : "pod-0";
    // A group of its own, in which nobody has to be waited for.
    settings.app = "app-" + std::to_string(i) + "-" + unique;
    const auto reader = join();
    Collector sink(*reader);
    if (moment == Moment::reported_by_librdkafka) {
      const RdPtr<rd_kafka_queue_t> group(rd_kafka_queue_get_consumer(reader->client()));
      ASSERT_TRUE(eventually([&] { return rd_kafka_queue_length(group.get()) > 0; }));
    } else if (moment > Moment::reported_by_librdkafka) {
      ASSERT_TRUE(sink.poll_until([&] { return sink.assignments > 0; })) << sink.error;
    }
    if (moment == Moment::taken_up) {
      ASSERT_TRUE(reader->poll(sink, 10));
    }
    reader->close();
  }

  // Who is no static member has left, and nobody waits for its session to end.
  settings.instance = "";
  settings.app = "app-3-" + unique;
  const auto last = join();
  Collector sink(*last);
  EXPECT_TRUE(sink.poll_until([&] { return sink.current.size() == 4; })) << sink.error;
}

}  // namespace
}  // namespace tocsin
