// What only a real broker can prove, of a group seen and changed from outside.

#include "pipeline/kafka/kafka_group.h"
#include "pipeline/kafka/real_kafka_fixture.h"

namespace tocsin {
namespace {

constexpr auto kPatience = milliseconds(30'000);

class RealKafkaOutsiderTest : public RealKafkaTest {
 protected:
  void SetUp() override {
    RealKafkaTest::SetUp();
    auto made = KafkaGroup::make(settings, nullptr, health);
    ASSERT_TRUE(made);
    group = std::move(*made);
  }

  std::vector<TopicPartition> places(std::int32_t count) const {
    std::vector<TopicPartition> all;
    for (std::int32_t p = 0; p < count; ++p) all.push_back({settings.topics[0], p});
    return all;
  }
  std::vector<std::int64_t> offsets_at(const StartPoint& point) {
    const auto asked = group->offsets_at(places(3), point, kPatience);
    EXPECT_TRUE(asked.answer) << asked.reason;
    return asked.answer.value_or(std::vector<std::int64_t>());
  }
  static StartPoint at(std::int64_t time_ms) {
    return {.kind = StartPoint::Kind::time, .time_ms = time_ms};
  }

  std::unique_ptr<KafkaGroup> group;
};

TEST_F(RealKafkaOutsiderTest, SeesWhatIsCommittedAndWhatIsNot) {
  const auto reader = join();
  Collector sink(*reader);
  ASSERT_TRUE(sink.poll_until([&] { return sink.current.size() == 4; })) << sink.error;
  const auto out = writer();
  ASSERT_EQ(open(*out), WriteStatus::ok);
  write(*out, {{.partition = 0, .value = "x"}});
  ASSERT_EQ(send(*out, {offset(0, 7, "seq=1"), offset(2, 9)}, sink.generation), WriteStatus::ok);
  ASSERT_EQ(commit(*out), WriteStatus::ok);

  const auto asked = group->committed(places(3), kPatience);

  ASSERT_TRUE(asked.answer) << asked.reason;
  const KafkaGroup::Committed& found = *asked.answer;
  ASSERT_EQ(found.size(), 3U);
  ASSERT_TRUE(found[0] && found[2]);
  EXPECT_EQ(found[0]->offset, 7);
  EXPECT_EQ(found[0]->metadata, "seq=1");
  EXPECT_FALSE(found[1]);
  EXPECT_EQ(found[2]->offset, 9);
  EXPECT_EQ(found[2]->metadata, "");
}

TEST_F(RealKafkaOutsiderTest, AGroupThatNeverWasHasCommittedNothing) {
  const auto asked = group->committed(places(1), kPatience);
  ASSERT_TRUE(asked.answer) << asked.reason;
  ASSERT_EQ(asked.answer->size(), 1U);
  EXPECT_FALSE(asked.answer->front());
}

TEST_F(RealKafkaOutsiderTest, FindsWhereATimeBegins) {
  {
    Source source(settings.brokers[0]);
    for (const std::int64_t time : {1'000, 2'000, 3'000, 4'000})
      source.send(settings.topics[0], 0, {.value = "x", .timestamp_ms = time});
    source.send(settings.topics[0], 1, {.value = "x", .timestamp_ms = 2'500});
    source.flush();
  }
  using Offsets = std::vector<std::int64_t>;

  EXPECT_EQ(offsets_at({.kind = StartPoint::Kind::earliest}), (Offsets{0, 0, 0}));
  EXPECT_EQ(offsets_at({.kind = StartPoint::Kind::latest}), (Offsets{4, 1, 0}));
  EXPECT_EQ(offsets_at(at(2'000)), (Offsets{1, 0, 0}));
  EXPECT_EQ(offsets_at(at(2'600)), (Offsets{2, 1, 0}));
  EXPECT_EQ(offsets_at(at(9'000)), (Offsets{4, 1, 0})) << "no record is as late: the end";
  EXPECT_EQ(offsets_at(at(-5)), (Offsets{0, 0, 0})) << "before 1970: everything";
}

TEST_F(RealKafkaOutsiderTest, TheLatestIsBeforeAnOpenTransaction) {
  KafkaSettings as = settings;
  as.output_topics = settings.topics;
  const auto out = make_kafka_writer(as, nullptr, nullptr, health);
  ASSERT_EQ(open(*out), WriteStatus::ok);
  write(*out, {{.partition = 0, .value = "committed"}});
  ASSERT_EQ(commit(*out), WriteStatus::ok);
  write(*out, {{.partition = 0, .value = "open"}});

  // One record and the marker of its transaction; the open one will come.
  EXPECT_EQ(offsets_at({.kind = StartPoint::Kind::latest})[0], 2);
}

TEST_F(RealKafkaOutsiderTest, SaysWhatItIsNotTold) {
  const std::vector<TopicPartition> nowhere{{"nowhere-" + unique, 0}};
  const auto asked = group->offsets_at(nowhere, {}, milliseconds(300));
  EXPECT_FALSE(asked.answer);
  EXPECT_FALSE(asked.is_forbidden);
  EXPECT_NE(asked.reason.find("the brokers do not tell the offset by time"), std::string::npos)
      << asked.reason;
}

TEST_F(RealKafkaOutsiderTest, SetsOffsetsWithTheirWordsButNotWhileSomebodyIsIn) {
  const std::vector<OffsetToCommit> offsets{offset(0, 5, "words"), offset(1, 6)};
  KafkaSettings as = settings;
  as.instance = "pod-7";
  as.properties = {{"session.timeout.ms", "6000"}, {"heartbeat.interval.ms", "500"}};
  auto reader = join(as);
  Collector sink(*reader);
  ASSERT_TRUE(sink.poll_until([&] { return sink.current.size() == 4; })) << sink.error;

  auto in_it = group->members(kPatience);
  ASSERT_TRUE(in_it.answer) << in_it.reason;
  ASSERT_EQ(in_it.answer->size(), 1U);
  EXPECT_EQ(in_it.answer->front().find("pod-7 at "), 0U) << in_it.answer->front();
  EXPECT_FALSE(group->set_offsets(offsets, kPatience));
  EXPECT_FALSE(group->committed(places(1), kPatience).answer->front());

  // A static member's place is kept until its session ends.
  reader->close();
  reader.reset();
  ASSERT_TRUE(eventually([&] {
    in_it = group->members(kPatience);
    return in_it.answer && in_it.answer->empty();
  })) << in_it.reason;
  const auto set = group->set_offsets(offsets, kPatience);
  ASSERT_TRUE(set) << set.error().message;

  const auto found = group->committed(places(3), kPatience);
  ASSERT_TRUE(found.answer) << found.reason;
  EXPECT_EQ((*found.answer)[0]->offset, 5);
  EXPECT_EQ((*found.answer)[0]->metadata, "words");
  EXPECT_EQ((*found.answer)[1]->offset, 6);
  EXPECT_EQ((*found.answer)[1]->metadata, "");
  EXPECT_FALSE((*found.answer)[2]);
}

TEST_F(RealKafkaOutsiderTest, NobodyIsInAGroupThatNeverWas) {
  const auto members = group->members(kPatience);
  ASSERT_TRUE(members.answer) << members.reason;
  EXPECT_TRUE(members.answer->empty());
}

TEST_F(RealKafkaOutsiderTest, ATransactionOfNoMemberCarriesOffsetsWhileTheGroupIsEmpty) {
  const auto out = writer();
  ASSERT_EQ(open(*out), WriteStatus::ok);
  write(*out, {{.partition = 0, .value = "x"}});
  ASSERT_EQ(send(*out, {offset(3, 9, "w")}, group->outsider()), WriteStatus::ok) << last_reason();
  ASSERT_EQ(abort(*out), WriteStatus::ok);
  EXPECT_FALSE(group->committed(places(4), kPatience).answer->at(3));

  write(*out, {{.partition = 0, .value = "x"}});
  ASSERT_EQ(send(*out, {offset(3, 9, "w")}, group->outsider()), WriteStatus::ok) << last_reason();
  ASSERT_EQ(commit(*out), WriteStatus::ok) << last_reason();
  const auto found = group->committed(places(4), kPatience);
  ASSERT_TRUE(found.answer && found.answer->at(3)) << found.reason;
  EXPECT_EQ(found.answer->at(3)->offset, 9);
  EXPECT_EQ(found.answer->at(3)->metadata, "w");
}

TEST_F(RealKafkaOutsiderTest, EmptiesPartitions) {
  fill(settings.brokers[0], settings.topics[0], 3, 10);
  const std::vector<TopicPartition> two{{settings.topics[0], 0}, {settings.topics[0], 2}};

  const auto deleted = admin->delete_records(two, kPatience);

  ASSERT_TRUE(deleted) << deleted.error().message;
  const auto marks = admin->watermarks(places(3), kPatience);
  ASSERT_TRUE(marks) << marks.error().message;
  for (const std::size_t p : {0U, 1U, 2U}) {
    EXPECT_EQ(marks->at(p).low, p == 1 ? 0 : 10);
    EXPECT_EQ(marks->at(p).high, 10);
  }
  const std::vector<TopicPartition> nowhere{{"nowhere-" + unique, 0}};
  EXPECT_FALSE(admin->delete_records(nowhere, milliseconds(2'000)));
}

TEST_F(RealKafkaOutsiderTest, WatermarksCountOpenTransactionsIn) {
  KafkaSettings as = settings;
  as.output_topics = settings.topics;
  const auto out = make_kafka_writer(as, nullptr, nullptr, health);
  ASSERT_EQ(open(*out), WriteStatus::ok);
  write(*out, {{.partition = 1, .value = "open"}});

  const auto marks = admin->watermarks(places(2), kPatience);

  ASSERT_TRUE(marks) << marks.error().message;
  EXPECT_EQ(marks->at(0).high, 0);
  EXPECT_EQ(marks->at(1).high, 1);
}

}  // namespace
}  // namespace tocsin
