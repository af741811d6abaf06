// What only a real broker can prove, of one writer and its fences.

#include "pipeline/kafka/real_kafka_fixture.h"

namespace tocsin {
namespace {

TEST_F(RealKafkaTest, ATransactionShowsItsRecordsAndItsOffsetsOrNeither) {
  const auto reader = join();
  Collector sink(*reader);
  ASSERT_TRUE(sink.poll_until([&] { return sink.current.size() == 4; })) << sink.error;
  const auto handle = sink.handles()[0];
  const auto out = writer();
  ASSERT_EQ(open(*out), WriteStatus::ok);

  write(*out, {{.partition = 0, .value = "aborted"}});
  ASSERT_EQ(send(*out, {offset(0, 5, "never")}, sink.generation), WriteStatus::ok);
  ASSERT_EQ(abort(*out), WriteStatus::ok);
  const auto after_abort = reader->committed(handle);
  ASSERT_TRUE(after_abort);
  EXPECT_FALSE(*after_abort);

  write(*out, {{.partition = 0, .value = "committed"}});
  ASSERT_EQ(send(*out, {offset(0, 7, "seq=1 snapshot=0")}, sink.generation), WriteStatus::ok);
  ASSERT_EQ(commit(*out), WriteStatus::ok);
  const auto after_commit = reader->committed(handle);
  ASSERT_TRUE(after_commit && *after_commit);
  EXPECT_EQ((*after_commit)->offset, 7);
  EXPECT_EQ((*after_commit)->metadata, "seq=1 snapshot=0");

  const auto auditor = audit();
  Collector seen(*auditor);
  // Aborted record, its marker, committed record, its marker.
  ASSERT_TRUE(seen.poll_until([&] {
    return seen.ends[{settings.output_topics[0], 0}] == 4;
  })) << seen.error;
  ASSERT_EQ(seen.count(), 1U);
  EXPECT_EQ(seen.of(settings.output_topics[0], 0)[0].value, "committed");
}

TEST_F(RealKafkaTest, NothingOfAnOpenTransactionIsSeenButTheHighWatermarkCountsIt) {
  const auto out = writer();
  ASSERT_EQ(open(*out), WriteStatus::ok);
  write(*out, {{.partition = 0, .value = "a"}, {.partition = 0, .value = "b"}});
  const auto auditor = audit();
  Collector seen(*auditor);
  const PlaceName place{settings.output_topics[0], 0};

  ASSERT_TRUE(seen.poll_until([&] { return seen.ends.contains(place); })) << seen.error;
  EXPECT_EQ(seen.count(), 0U);
  EXPECT_EQ(seen.ends[place], 0);
  const auto marks = auditor->watermarks(seen.handles()[0]);
  ASSERT_TRUE(marks);
  EXPECT_EQ(marks->high, 2);

  ASSERT_EQ(commit(*out), WriteStatus::ok);
  ASSERT_TRUE(seen.poll_until([&] { return seen.count() == 2; })) << seen.error;
}

TEST_F(RealKafkaTest, TheCommittedOffsetIsToldOnceItsTransactionHasEnded) {
  const auto reader = join();
  Collector sink(*reader);
  ASSERT_TRUE(sink.poll_until([&] { return sink.current.size() == 4; })) << sink.error;
  const auto out = writer();
  ASSERT_EQ(open(*out), WriteStatus::ok);
  write(*out, {{.value = "x"}});
  ASSERT_EQ(send(*out, {offset(0, 3)}, sink.generation), WriteStatus::ok);

  auto answer =
      std::async(std::launch::async, [&] { return reader->committed(sink.handles()[0]); });
  ASSERT_EQ(commit(*out), WriteStatus::ok);

  const auto committed = answer.get();
  ASSERT_TRUE(committed && *committed);
  EXPECT_EQ((*committed)->offset, 3);
}

TEST_F(RealKafkaTest, AMemberOfAPassedGenerationCannotCommit) {
  const auto first = join();
  Collector one(*first);
  ASSERT_TRUE(one.poll_until([&] { return one.current.size() == 4; })) << one.error;
  const GenerationRef passed = one.generation;
  const auto second = join();
  Collector two(*second);
  ASSERT_TRUE(eventually([&] {
    return !one.poll_until([] { return true; }) || !two.poll_until([] { return true; }) ||
           (one.current.size() == 2 && two.current.size() == 2);
  }));
  const auto out = writer();
  ASSERT_EQ(open(*out), WriteStatus::ok);

  write(*out, {{.value = "zombie"}});
  EXPECT_EQ(send(*out, {offset(0, 3)}, passed), WriteStatus::resend);
  EXPECT_EQ(last_cause(), WriteCause::passed) << last_reason();
  ASSERT_EQ(abort(*out), WriteStatus::ok);
  write(*out, {{.value = "nobody"}});
  EXPECT_EQ(send(*out, {offset(0, 3)}, nullptr), WriteStatus::resend);
  ASSERT_EQ(abort(*out), WriteStatus::ok);

  write(*out, {{.value = "member"}});
  EXPECT_EQ(send(*out, {offset(0, 3)}, one.generation), WriteStatus::ok);
  EXPECT_EQ(commit(*out), WriteStatus::ok);

  first->close();
  write(*out, {{.value = "left"}});
  EXPECT_EQ(send(*out, {offset(0, 4)}, one.generation), WriteStatus::resend);
  ASSERT_EQ(abort(*out), WriteStatus::ok);
}

TEST_F(RealKafkaTest, ASuccessorEndsWhatItsPredecessorLeftOpenAndFencesIt) {
  const auto first = writer();
  ASSERT_EQ(open(*first), WriteStatus::ok);
  write(*first, {{.partition = 0, .value = "of the first"}});

  const auto second = writer();
  ASSERT_EQ(open(*second), WriteStatus::ok);
  write(*second, {{.partition = 0, .value = "of the second"}});
  ASSERT_EQ(commit(*second), WriteStatus::ok);
  EXPECT_EQ(commit(*first), WriteStatus::reopen);
  EXPECT_EQ(last_cause(), WriteCause::fenced) << last_reason();
  EXPECT_EQ(abort(*first), WriteStatus::reopen);

  // Not after the transaction timeout: at once.
  const auto auditor = audit();
  Collector seen(*auditor);
  ASSERT_TRUE(seen.poll_until([&] { return seen.count() == 1; })) << seen.error;
  EXPECT_EQ(seen.of(settings.output_topics[0], 0)[0].value, "of the second");

  // Opened again, the first is the successor.
  ASSERT_EQ(open(*first), WriteStatus::ok);
  write(*first, {{.partition = 0, .value = "again"}});
  EXPECT_EQ(commit(*first), WriteStatus::ok);
  ASSERT_EQ(second->begin().status, WriteStatus::ok);  // It cannot know yet.
  const std::vector<WriteRecord> late{{.partition = 0, .value = "late"}};
  static_cast<void>(second->produce(late));
  EXPECT_EQ(flush(*second), WriteStatus::reopen);
}

TEST_F(RealKafkaTest, AnotherLaneIsAnotherProducer) {
  const auto first = writer(0);
  const auto second = writer(1);
  ASSERT_EQ(open(*first), WriteStatus::ok);
  write(*first, {{.value = "a"}});
  ASSERT_EQ(open(*second), WriteStatus::ok);
  write(*second, {{.value = "b"}});

  EXPECT_EQ(commit(*first), WriteStatus::ok);
  EXPECT_EQ(commit(*second), WriteStatus::ok);
}

TEST_F(RealKafkaTest, ARecordTheTopicRefusesIsNamedAndTheRestGoesWithASubstitute) {
  settings.output_topics = {"small-" + unique};
  settings.batch_bytes_max = 1000;
  settings.properties.emplace_back("compression.codec", "none");
  create(settings.output_topics[0], 1, {{"max.message.bytes", "1000"}});
  const auto out = writer();
  ASSERT_EQ(open(*out), WriteStatus::ok);
  const std::string large(3000, 'x');
  std::vector<WriteRecord> records(50, {.value = "fits"});
  records[20].value = large;

  ASSERT_EQ(out->begin().status, WriteStatus::ok);
  ASSERT_EQ(out->produce(records), 50U);
  ASSERT_EQ(flush(*out), WriteStatus::ok) << last_reason();
  ASSERT_EQ(out->refused().size(), 1U);
  EXPECT_EQ(out->refused()[0].index, 20U);
  EXPECT_EQ(commit(*out), WriteStatus::resend);
  ASSERT_EQ(abort(*out), WriteStatus::ok);
  records[20].value = "substitute";
  // librdkafka finds the gap that the refused record left only now, and wants one more abort.
  ASSERT_EQ(out->begin().status, WriteStatus::ok);
  ASSERT_EQ(out->produce(records), 50U);
  if (flush(*out) == WriteStatus::resend) {
    ASSERT_EQ(abort(*out), WriteStatus::ok);
    write(*out, records);
  }
  EXPECT_EQ(commit(*out), WriteStatus::ok);

  const auto auditor = audit();
  Collector seen(*auditor);
  ASSERT_TRUE(seen.poll_until([&] { return seen.count() == 50; })) << seen.error;
  EXPECT_EQ(seen.of(settings.output_topics[0], 0)[20].value, "substitute");
}

TEST_F(RealKafkaTest, AnAbortRightAfterTheFirstRecordLeavesTheWriterFit) {
  const auto out = writer();
  ASSERT_EQ(open(*out), WriteStatus::ok);
  const std::vector<WriteRecord> records{{.value = "x"}};

  for (int i = 0; i < 50; ++i) {
    ASSERT_EQ(out->begin().status, WriteStatus::ok);
    ASSERT_EQ(out->produce(records), 1U);
    ASSERT_EQ(abort(*out), WriteStatus::ok);
  }

  write(*out, records);
  EXPECT_EQ(commit(*out), WriteStatus::ok);
}

TEST_F(RealKafkaTest, AThousandTransactionsInARowAllCommit) {
  const auto reader = join();
  Collector sink(*reader);
  ASSERT_TRUE(sink.poll_until([&] { return sink.current.size() == 4; })) << sink.error;
  const auto out = writer();
  ASSERT_EQ(open(*out), WriteStatus::ok);

  for (int i = 0; i < 1000; ++i) {
    const std::string number = std::to_string(i);
    const std::vector<WriteRecord> records{{.key = number, .value = number},
                                           {.key = "k", .value = number}};
    write(*out, records);
    ASSERT_EQ(send(*out, {offset(i % 4, i, number)}, sink.generation), WriteStatus::ok);
    ASSERT_EQ(commit(*out), WriteStatus::ok);
  }

  const auto last = reader->committed(sink.handles()[3]);
  ASSERT_TRUE(last && *last);
  EXPECT_EQ((*last)->offset, 999);
  EXPECT_EQ((*last)->metadata, "999");
}

TEST_F(RealKafkaTest, ATransactionTimeoutTheBrokerDoesNotAllowStopsIt) {
  settings.transaction_timeout_ms = 3'600'000;
  const auto out = writer();

  EXPECT_EQ(open(*out), WriteStatus::stop);
  EXPECT_NE(last_reason().find("INVALID_TRANSACTION_TIMEOUT"), std::string::npos) << last_reason();
}

TEST_F(RealKafkaTest, PartitionsAddedToAnOutputAreWrittenToWithoutOpeningAgain) {
  settings.topics = settings.output_topics;  // Reads back what it writes.
  settings.properties.emplace_back("topic.metadata.refresh.interval.ms", "200");
  const auto out = writer();
  ASSERT_EQ(open(*out), WriteStatus::ok);
  std::vector<std::string> keys;
  for (int i = 0; i < 100; ++i) keys.push_back("card-" + std::to_string(i));
  std::vector<WriteRecord> records;
  for (const std::string& key : keys) records.push_back({.key = key, .value = "x"});
  const auto reader = join();
  Collector seen(*reader);
  write(*out, records);
  ASSERT_EQ(commit(*out), WriteStatus::ok);
  ASSERT_TRUE(seen.poll_until([&] { return seen.count() == 100; })) << seen.error;

  add_partitions(settings.output_topics[0], 9);
  ASSERT_TRUE(eventually([&] {
    write(*out, records);
    return commit(*out) != WriteStatus::ok || !seen.poll_until([] { return true; }) ||
           !seen.of(settings.output_topics[0], 8).empty();
  }));

  for (std::int32_t p = 4; p < 9; ++p) {
    for (const Seen& one : seen.of(settings.output_topics[0], p)) {
      EXPECT_EQ(partition_of(*one.key, 9), p);
    }
  }
}

}  // namespace
}  // namespace tocsin
