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

}  // namespace
}  // namespace tocsin
