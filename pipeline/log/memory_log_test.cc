#include "pipeline/log/memory_log.h"

#include <gtest/gtest.h>

namespace tocsin {
namespace {

/// Remembers what a reader reports, and starts every partition at its beginning.
struct Listener final : ReadSink {
  explicit Listener(LogReader& from) : reader(from) {}

  void assigned(std::span<const Assignment> partitions, GenerationRef now) override {
    generation = std::move(now);
    for (const Assignment& a : partitions) {
      names[a.handle] = a.topic + "/" + std::to_string(a.partition);
      fresh.push_back(a.handle);
    }
  }
  void revoked(std::span<const PartitionHandle> partitions, Revocation why) override {
    revoked_count += partitions.size();
    last_revocation = why;
  }
  void record(const ReadRecord& record) override {
    values.push_back(names[record.partition] + "@" + std::to_string(record.offset) + "=" +
                     std::string(record.value.value_or("(tombstone)")));
  }
  void end_of_partition(PartitionHandle, std::int64_t next_offset) override { end = next_offset; }

  void poll(int times = 1) {
    for (int i = 0; i < times; ++i) {
      ASSERT_TRUE(reader.poll(*this, 100));
      for (const PartitionHandle h : std::exchange(fresh, {})) ASSERT_TRUE(reader.start(h, 0));
    }
  }

  LogReader& reader;
  std::map<PartitionHandle, std::string> names;
  std::vector<PartitionHandle> fresh;
  std::vector<std::string> values;
  GenerationRef generation;
  std::size_t revoked_count = 0;
  std::optional<Revocation> last_revocation;
  std::int64_t end = -1;
};

class MemoryLogTest : public testing::Test {
 protected:
  MemoryLogTest() {
    log.create_topic("in", 2);
    log.create_topic("out", 1);
  }
  void append(std::int32_t partition, const std::string& value) {
    log.append("in", partition, {.value = value});
  }
  std::vector<std::string> written() const {
    std::vector<std::string> values;
    for (const StoredRecord& r : log.read("out", 0, 0)) values.push_back(*r.value);
    return values;
  }

  MemoryLog log;
};

const std::vector<WriteRecord> kTwo{{.topic = 0, .key = "k", .value = "one"},
                                    {.topic = 0, .key = "k", .value = "two"}};

TEST_F(MemoryLogTest, DeliversEveryRecordOfEveryPartitionInOrder) {
  append(0, "a");
  append(1, "b");
  append(0, "c");
  const auto reader = log.join({"g", "m", {"in"}});
  Listener listener(*reader);

  listener.poll(3);

  EXPECT_EQ(listener.values, (std::vector<std::string>{"in/0@0=a", "in/0@1=c", "in/1@0=b"}));
  EXPECT_EQ(listener.end, 1);
}

TEST_F(MemoryLogTest, HidesATransactionUntilItIsCommitted) {
  const auto writer = log.writer({"t", {"out"}});
  ASSERT_EQ(writer->open().status, WriteStatus::ok);
  ASSERT_EQ(writer->begin().status, WriteStatus::ok);
  ASSERT_EQ(writer->produce(kTwo), 2U);

  EXPECT_EQ(written(), (std::vector<std::string>{}));
  ASSERT_EQ(writer->commit().status, WriteStatus::ok);
  EXPECT_EQ(written(), (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(log.watermarks("out", 0).high, 3) << "the marker takes an offset";
}

TEST_F(MemoryLogTest, NeverShowsAnAbortedTransaction) {
  const auto writer = log.writer({"t", {"out"}});
  writer->open();
  writer->begin();
  writer->produce(kTwo);
  writer->abort();
  writer->begin();
  writer->produce(std::span(kTwo).first(1));
  writer->commit();

  EXPECT_EQ(written(), (std::vector<std::string>{"one"}));
}

TEST_F(MemoryLogTest, AnOpenTransactionHoldsBackWhatWasWrittenAfterIt) {
  const auto first = log.writer({"a", {"out"}});
  const auto second = log.writer({"b", {"out"}});
  first->open();
  second->open();
  first->begin();
  first->produce(std::span(kTwo).first(1));
  second->begin();
  second->produce(std::span(kTwo).last(1));
  second->commit();

  EXPECT_EQ(written(), (std::vector<std::string>{}));
  first->commit();
  EXPECT_EQ(written(), (std::vector<std::string>{"one", "two"}));
}

TEST_F(MemoryLogTest, ASuccessorEndsTheTransactionOfItsPredecessorAndFencesIt) {
  const auto zombie = log.writer({"t", {"out"}});
  zombie->open();
  zombie->begin();
  zombie->produce(kTwo);
  const auto successor = log.writer({"t", {"out"}});
  successor->open();

  EXPECT_EQ(zombie->commit().status, WriteStatus::reopen);
  EXPECT_EQ(written(), (std::vector<std::string>{}));
}

TEST_F(MemoryLogTest, OffsetsAreCommittedWithTheTransactionOrNotAtAll) {
  const auto reader = log.join({"g", "m", {"in"}});
  Listener listener(*reader);
  listener.poll();
  const auto writer = log.writer({"t", {"out"}});
  const std::vector<OffsetToCommit> offsets{
      {.topic = "in", .partition = 1, .next_offset = 7, .metadata = "seq=7"}};
  writer->open();
  writer->begin();
  ASSERT_EQ(writer->send_offsets(offsets, listener.generation).status, WriteStatus::ok);
  writer->abort();
  EXPECT_FALSE(log.committed("g", "in", 1));

  writer->begin();
  writer->send_offsets(offsets, listener.generation);
  EXPECT_FALSE(log.committed("g", "in", 1));
  writer->commit();

  ASSERT_TRUE(log.committed("g", "in", 1));
  EXPECT_EQ(log.committed("g", "in", 1)->offset, 7);
  EXPECT_EQ(log.committed("g", "in", 1)->metadata, "seq=7");
}

TEST_F(MemoryLogTest, ASecondMemberWaitsUntilTheFirstHasReleasedItsPartitions) {
  const auto first = log.join({"g", "a", {"in"}});
  Listener one(*first);
  one.poll(2);
  const auto second = log.join({"g", "b", {"in"}});
  Listener two(*second);

  two.poll(3);
  EXPECT_TRUE(two.names.empty());
  one.poll();
  EXPECT_EQ(one.revoked_count, 2U);
  EXPECT_EQ(one.last_revocation, Revocation::handed_over);
  two.poll();
  EXPECT_TRUE(two.names.empty());
  first->release();
  two.poll();
  one.poll();

  EXPECT_EQ(two.names.size(), 1U);
  EXPECT_EQ(one.names.size(), 3U) << "two of the first generation, one of the second";
}

TEST_F(MemoryLogTest, AnExpelledMemberCannotCommitAndLearnsThatItLostItsPartitions) {
  const auto reader = log.join({"g", "zombie", {"in"}});
  Listener listener(*reader);
  listener.poll();
  log.expel("g", "zombie");
  const auto heir = log.join({"g", "heir", {"in"}});
  Listener other(*heir);
  other.poll();
  ASSERT_EQ(other.names.size(), 2U);

  const auto writer = log.writer({"t", {"out"}});
  writer->open();
  writer->begin();
  const std::vector<OffsetToCommit> offsets{{.topic = "in", .next_offset = 1}};
  EXPECT_EQ(writer->send_offsets(offsets, listener.generation).status, WriteStatus::resend);
  listener.poll();
  EXPECT_EQ(listener.last_revocation, Revocation::lost);
}

TEST_F(MemoryLogTest, AFaultAfterTheEffectLeavesTheEffect) {
  bool is_faulty = true;
  const auto writer = log.writer({"t", {"out"}}, [&](WriterCall call) {
    if (call != WriterCall::commit || !std::exchange(is_faulty, false)) return Fault{};
    return Fault{.status = WriteStatus::reopen, .takes_effect = true};
  });
  writer->open();
  writer->begin();
  writer->produce(kTwo);

  EXPECT_EQ(writer->commit().status, WriteStatus::reopen);
  EXPECT_EQ(written().size(), 2U);
}

TEST_F(MemoryLogTest, TellsWhichRecordsItRefusesForGood) {
  const auto writer = log.writer({"t", {"out"}, 2});
  writer->open();
  writer->begin();
  const std::vector<WriteRecord> records{{.value = "ok"}, {.value = "too large"}};
  writer->produce(records);

  ASSERT_EQ(writer->refused().size(), 1U);
  EXPECT_EQ(writer->refused()[0].index, 1U);
}

TEST_F(MemoryLogTest, TrimmingMovesTheLowWatermarkOnly) {
  append(0, "a");
  append(0, "b");
  log.trim("in", 0, 1);

  EXPECT_EQ(log.watermarks("in", 0).low, 1);
  EXPECT_EQ(log.watermarks("in", 0).high, 2);
  EXPECT_EQ(*log.read("in", 0, 0).front().value, "b");
}

/// Remembers what a state log reports.
struct StateListener final : StateSink {
  void state_watermark(StateReading, std::int64_t at) override { high = at; }
  void state_record(StateReading, std::int64_t offset, std::string_view value) override {
    ASSERT_GE(high, 0) << "a record before the watermark";
    values.push_back(std::to_string(offset) + "=" + std::string(value));
  }
  void state_end(StateReading, std::int64_t next_offset) override { end = next_offset; }

  std::int64_t high = -1;
  std::vector<std::string> values;
  std::int64_t end = -1;
};

TEST_F(MemoryLogTest, AStateReadingTellsWhatIsToComeThoughItIsStillHidden) {
  const auto writer = log.writer({.transactional_id = "t", .topics = {"out"}});
  ASSERT_EQ(writer->open().status, WriteStatus::ok);
  ASSERT_EQ(writer->begin().status, WriteStatus::ok);
  const auto state = log.state_log();
  log.create_topic("wide", 3);
  state->begin({.topic = "new-state", .input = "wide", .partition = 1}, 0);
  EXPECT_EQ(log.watermarks("new-state", 2).high, 0) << "the topic was made, as wide as its input";
  const std::vector<WriteRecord> records{
      {.partition = 1, .value = "a", .topic_name = "new-state", .wants_place = true},
      {.partition = 0, .value = "elsewhere"},
      {.partition = 1, .value = "b", .topic_name = "new-state", .wants_place = true}};
  ASSERT_EQ(writer->produce(records), 3U);
  ASSERT_EQ(writer->placed().size(), 2U);
  EXPECT_EQ(writer->placed()[1].index, 2U);
  EXPECT_EQ(writer->placed()[1].offset, 1);

  StateListener listener;
  ASSERT_TRUE(state->poll(listener, 1000));
  EXPECT_EQ(listener.high, 2);
  EXPECT_EQ(listener.end, 0);
  EXPECT_TRUE(listener.values.empty());

  ASSERT_EQ(writer->commit().status, WriteStatus::ok);
  ASSERT_TRUE(state->poll(listener, 1000));
  EXPECT_EQ(listener.values, (std::vector<std::string>{"0=a", "1=b"}));
  ASSERT_TRUE(state->poll(listener, 1000));
  EXPECT_EQ(listener.end, 3) << "past the marker of the transaction";
}

}  // namespace
}  // namespace tocsin
