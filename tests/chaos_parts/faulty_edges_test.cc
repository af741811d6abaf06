#include "tests/chaos_parts/faulty_edges.h"

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/flow/quiet_observer.h"
#include "pipeline/log/memory_log.h"

namespace tocsin {
namespace {

/// Fault points whose deeds are only noted.
struct Notes {
  std::vector<std::string> lines;
  std::vector<FaultAction> deeds;
  FaultPoints points{[this](std::string_view line) { lines.emplace_back(line); },
                     [this](FaultAction action) { deeds.push_back(action); }};
};

TEST(FaultPoints, StrikeAtTheGivenPassAndOnlyOnce) {
  Notes notes;
  ASSERT_TRUE(notes.points.obey("arm before_commit 3 kill"));

  for (int i = 0; i < 2; ++i) EXPECT_FALSE(notes.points.pass(FaultPoint::before_commit));
  EXPECT_FALSE(notes.points.pass(FaultPoint::after_commit));
  EXPECT_TRUE(notes.deeds.empty());
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(notes.points.pass(FaultPoint::before_commit));

  EXPECT_EQ(notes.deeds, std::vector<FaultAction>{FaultAction::kill});
  EXPECT_EQ(notes.lines, std::vector<std::string>{"hit before_commit kill"});
}

TEST(FaultPoints, AnOrderReplacesAnEarlierOneAndCanBeTakenBack) {
  Notes notes;
  ASSERT_TRUE(notes.points.obey("arm mid_restore 1 kill"));
  ASSERT_TRUE(notes.points.obey("arm mid_restore 2 stop"));
  ASSERT_TRUE(notes.points.obey("arm mid_revoke 1 kill"));
  notes.points.pass(FaultPoint::mid_restore);
  notes.points.pass(FaultPoint::mid_restore);
  ASSERT_TRUE(notes.points.obey("disarm"));
  notes.points.pass(FaultPoint::mid_revoke);

  EXPECT_EQ(notes.deeds, std::vector<FaultAction>{FaultAction::stop});
}

TEST(FaultPoints, OrdersThatMakeNoSenseAreRefused) {
  Notes notes;
  for (const char* order :
       {"", "arm", "arm before_commit", "arm before_commit 1", "arm nowhere 1 kill",
        "arm before_commit 0 kill", "arm before_commit x kill", "arm before_commit -1 kill",
        "arm before_commit 1 tickle", "arm before_commit 1 kill now", "disarm all", "harm"})
    EXPECT_FALSE(notes.points.obey(order)) << order;
}

class FaultyWriterTest : public testing::Test {
 protected:
  FaultyWriterTest() {
    log.create_topic("out", 1);
    behind = log.writer({.transactional_id = "one", .topics = {"out"}},
                        [this](WriterCall call) { return next_fault(call); });
    writer = std::make_unique<FaultyWriter>(*behind, observer, notes.points);
  }

  Fault next_fault(WriterCall call) {
    if (faults.empty() || faults.front().first != call) return {};
    const Fault fault = faults.front().second;
    faults.pop_front();
    return fault;
  }

  /// Up to the commit.
  void write(std::string_view value) {
    ASSERT_EQ(writer->begin().status, WriteStatus::ok);
    const WriteRecord record{.value = value};
    ASSERT_EQ(writer->produce({&record, 1}), 1U);
    ASSERT_EQ(writer->flush().status, WriteStatus::ok);
  }
  void write_and_commit(std::string_view value) {
    write(value);
    ASSERT_EQ(writer->commit().status, WriteStatus::ok);
  }
  std::size_t stored() const { return log.read("out", 0, 0).size(); }

  Notes notes;
  QuietObserver nobody;
  FaultyObserver observer{nobody, notes.points};
  MemoryLog log;
  std::deque<std::pair<WriterCall, Fault>> faults;
  std::unique_ptr<LogWriter> behind;
  std::unique_ptr<FaultyWriter> writer;
};

TEST_F(FaultyWriterTest, WithoutOrdersItIsTheWriterBehindIt) {
  ASSERT_EQ(writer->open().status, WriteStatus::ok);
  write("a");
  EXPECT_EQ(writer->commit().status, WriteStatus::ok);
  write("b");
  EXPECT_EQ(writer->abort().status, WriteStatus::ok);
  EXPECT_EQ(stored(), 1U);
  EXPECT_TRUE(notes.lines.empty());
}

TEST_F(FaultyWriterTest, ACallThatIsRepeatedPassesItsPointsOnce) {
  faults = {{WriterCall::flush, {.status = WriteStatus::retry}},
            {WriterCall::flush, {.status = WriteStatus::retry}}};
  ASSERT_EQ(writer->open().status, WriteStatus::ok);
  ASSERT_TRUE(notes.points.obey("arm before_flush 2 kill"));
  ASSERT_TRUE(notes.points.obey("arm after_flush 1 stop"));
  ASSERT_EQ(writer->begin().status, WriteStatus::ok);

  EXPECT_EQ(writer->flush().status, WriteStatus::retry);
  EXPECT_EQ(writer->flush().status, WriteStatus::retry);
  EXPECT_TRUE(notes.deeds.empty());
  EXPECT_EQ(writer->flush().status, WriteStatus::ok);
  EXPECT_EQ(notes.deeds, std::vector<FaultAction>{FaultAction::stop});
  EXPECT_EQ(writer->flush().status, WriteStatus::ok);

  EXPECT_EQ(notes.lines,
            (std::vector<std::string>{"hit after_flush stop", "hit before_flush kill"}));
}

TEST_F(FaultyWriterTest, ALostAnswerIsOfACommitThatHappened) {
  ASSERT_EQ(writer->open().status, WriteStatus::ok);
  ASSERT_TRUE(notes.points.obey("arm commit_answer 1 lose"));
  ASSERT_TRUE(notes.points.obey("arm before_reopen 1 kill"));
  faults = {{WriterCall::commit, {.status = WriteStatus::retry}}};
  write("a");

  EXPECT_EQ(writer->commit().status, WriteStatus::retry);
  EXPECT_EQ(writer->commit().status, WriteStatus::reopen);
  EXPECT_EQ(stored(), 1U);
  EXPECT_TRUE(notes.deeds.empty());
  EXPECT_EQ(writer->open().status, WriteStatus::ok);
  EXPECT_EQ(notes.deeds, std::vector<FaultAction>{FaultAction::kill});
}

TEST_F(FaultyWriterTest, ADroppedCommitNeverHappened) {
  ASSERT_EQ(writer->open().status, WriteStatus::ok);
  ASSERT_TRUE(notes.points.obey("arm commit_answer 1 drop"));
  write("a");
  EXPECT_EQ(writer->commit().status, WriteStatus::reopen);
  EXPECT_EQ(writer->open().status, WriteStatus::ok);
  EXPECT_EQ(stored(), 0U);

  write("b");
  EXPECT_EQ(writer->commit().status, WriteStatus::ok);
  EXPECT_EQ(stored(), 1U);
}

TEST_F(FaultyWriterTest, OpeningAfterACommitThatWasKnownIsNotAReopening) {
  ASSERT_TRUE(notes.points.obey("arm before_reopen 1 kill"));
  ASSERT_EQ(writer->open().status, WriteStatus::ok);
  write("a");
  ASSERT_EQ(writer->commit().status, WriteStatus::ok);
  ASSERT_EQ(writer->open().status, WriteStatus::ok);
  EXPECT_TRUE(notes.deeds.empty());
}

class NoSink final : public ReadSink, public StateSink {
 public:
  void assigned(std::span<const Assignment>, GenerationRef) override {}
  void revoked(std::span<const PartitionHandle>, Revocation) override {}
  void record(const ReadRecord&) override {}
  void end_of_partition(PartitionHandle, std::int64_t) override {}
  void state_watermark(StateReading, std::int64_t) override {}
  void state_record(StateReading, std::int64_t, std::string_view) override {}
  void state_end(StateReading, std::int64_t) override {}
};

TEST_F(FaultyWriterTest, PassesSnapshotOnlyWhileOneIsBegunAndNotNamed) {
  ASSERT_EQ(writer->open().status, WriteStatus::ok);
  ASSERT_TRUE(notes.points.obey("arm mid_snapshot 2 kill"));
  write_and_commit("nothing is saved");
  observer.snapshot_begun("in", 0);
  write_and_commit("a piece");
  observer.snapshot_named("in", 0, {});
  write_and_commit("it is whole");
  EXPECT_TRUE(notes.deeds.empty());
  observer.snapshot_begun("in", 1);
  write_and_commit("the next one's");
  EXPECT_EQ(notes.deeds, std::vector<FaultAction>{FaultAction::kill});
}

class FaultyReaderTest : public testing::Test {
 protected:
  FaultyReaderTest() {
    log.create_topic("in", 1);
    behind = log.join({.group = "g", .id = "a", .topics = {"in"}});
    reader = std::make_unique<FaultyReader>(*behind, observer, notes.points);
    EXPECT_TRUE(notes.points.obey("arm mid_replay 2 kill"));
    EXPECT_TRUE(notes.points.obey("arm mid_revoke 2 stop"));
    EXPECT_TRUE(notes.points.obey("arm mid_restore 2 kill"));
  }
  void poll() { ASSERT_TRUE(reader->poll(sink, 10)); }

  Notes notes;
  MemoryLog log;
  QuietObserver nobody;
  FaultyObserver observer{nobody, notes.points};
  NoSink sink;
  std::unique_ptr<LogReader> behind;
  std::unique_ptr<FaultyReader> reader;
};

TEST_F(FaultyReaderTest, PassesReplayOnlyWhileAPartitionReplays) {
  poll();
  observer.partition_began({.topic = "in", .partition = 0, .start = 5, .live_from = 5});
  poll();
  poll();
  EXPECT_TRUE(notes.deeds.empty());
  observer.partition_began({.topic = "in", .partition = 1, .start = 0, .live_from = 5});
  poll();
  observer.partition_live("in", 1);
  poll();
  poll();
  EXPECT_TRUE(notes.deeds.empty());
  observer.partition_began({.topic = "in", .partition = 2, .start = 0, .live_from = 5});
  poll();
  EXPECT_EQ(notes.deeds, std::vector<FaultAction>{FaultAction::kill});
}

TEST_F(FaultyReaderTest, PassesRestoreOnlyWhileStateIsRead) {
  const auto state_log = log.state_log();
  FaultyStateLog states(*state_log, notes.points);
  ASSERT_TRUE(states.poll(sink, 1'000));
  ASSERT_TRUE(states.poll(sink, 1'000));
  EXPECT_TRUE(notes.deeds.empty());
  const StateReading reading = states.begin({.topic = "state", .input = "in", .partition = 0}, 0);
  ASSERT_TRUE(states.poll(sink, 1'000));
  states.end(reading);
  ASSERT_TRUE(states.poll(sink, 1'000));
  EXPECT_TRUE(notes.deeds.empty());
  (void)states.begin({.topic = "state", .input = "in", .partition = 0}, 0);
  ASSERT_TRUE(states.poll(sink, 1'000));
  EXPECT_EQ(notes.deeds, std::vector<FaultAction>{FaultAction::kill});
}

TEST_F(FaultyReaderTest, PassesRevokeWhenItIsToldAndWhenItEnds) {
  observer.partitions_revoked(1, false);
  EXPECT_TRUE(notes.deeds.empty());
  reader->release();
  EXPECT_EQ(notes.deeds, std::vector<FaultAction>{FaultAction::stop});
}

}  // namespace
}  // namespace tocsin
