// Producers of the log in memory, and what can go wrong with them.

#include <gtest/gtest.h>

#include "pipeline/log/memory_log_fixture.h"

namespace tocsin {
namespace {

using MemoryWriterTest = MemoryLogTest;
using Values = std::vector<std::string>;

const std::vector<WriteRecord> kTwo{{.topic = 0, .key = "k", .value = "one"},
                                    {.topic = 0, .key = "k", .value = "two"}};

TEST_F(MemoryWriterTest, HidesATransactionUntilItIsCommitted) {
  const auto writer = log.writer({"t", {"out"}});
  ASSERT_EQ(writer->open().status, WriteStatus::ok);
  ASSERT_EQ(writer->begin().status, WriteStatus::ok);
  ASSERT_EQ(writer->produce(kTwo), 2U);

  EXPECT_EQ(written(), (Values{}));
  ASSERT_EQ(writer->commit().status, WriteStatus::ok);
  EXPECT_EQ(written(), (Values{"one", "two"}));
  EXPECT_EQ(log.watermarks("out", 0).high, 3) << "the marker takes an offset";
}

TEST_F(MemoryWriterTest, NeverShowsAnAbortedTransaction) {
  const auto writer = log.writer({"t", {"out"}});
  writer->open();
  writer->begin();
  writer->produce(kTwo);
  writer->abort();
  writer->begin();
  writer->produce(std::span(kTwo).first(1));
  writer->commit();

  EXPECT_EQ(written(), (Values{"one"}));
}

TEST_F(MemoryWriterTest, AnOpenTransactionHoldsBackWhatWasWrittenAfterIt) {
  const auto first = log.writer({"a", {"out"}});
  const auto second = log.writer({"b", {"out"}});
  first->open();
  second->open();
  first->begin();
  first->produce(std::span(kTwo).first(1));
  second->begin();
  second->produce(std::span(kTwo).last(1));
  second->commit();

  EXPECT_EQ(written(), (Values{}));
  first->commit();
  EXPECT_EQ(written(), (Values{"one", "two"}));
}

TEST_F(MemoryWriterTest, ASuccessorEndsTheTransactionOfItsPredecessorAndFencesIt) {
  const auto zombie = log.writer({"t", {"out"}});
  zombie->open();
  zombie->begin();
  zombie->produce(kTwo);
  const auto successor = log.writer({"t", {"out"}});
  successor->open();

  EXPECT_EQ(zombie->commit().status, WriteStatus::reopen);
  EXPECT_EQ(written(), (Values{}));
}

TEST_F(MemoryWriterTest, OffsetsAreCommittedWithTheTransactionOrNotAtAll) {
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

TEST_F(MemoryWriterTest, AFaultAfterTheEffectLeavesTheEffect) {
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

TEST_F(MemoryWriterTest, TellsWhichRecordsItRefusesForGood) {
  const auto writer = log.writer({"t", {"out"}, 2});
  writer->open();
  writer->begin();
  const std::vector<WriteRecord> records{{.value = "ok"}, {.value = "too large"}};
  writer->produce(records);

  ASSERT_EQ(writer->refused().size(), 1U);
  EXPECT_EQ(writer->refused()[0].index, 1U);
}

/// Fails the first call of a kind.
FaultHook once(WriterCall kind, Fault fault) {
  return [kind, fault, is_spent = false](WriterCall call) mutable {
    if (call != kind || std::exchange(is_spent, is_spent || call == kind)) return Fault{};
    return fault;
  };
}

TEST_F(MemoryWriterTest, AfterAnErrorThatAsksForAnAbortNothingElseHelps) {
  const auto writer = log.writer({"t", {"out"}}, once(WriterCall::flush, {WriteStatus::resend}));
  writer->open();
  writer->begin();
  writer->produce(kTwo);

  EXPECT_EQ(writer->flush().status, WriteStatus::resend);
  EXPECT_EQ(writer->flush().status, WriteStatus::resend);
  EXPECT_EQ(writer->produce(kTwo), 0U);
  EXPECT_EQ(writer->commit().status, WriteStatus::resend);
  EXPECT_EQ(writer->abort().status, WriteStatus::ok);
  EXPECT_EQ(writer->begin().status, WriteStatus::ok);
  writer->commit();
  EXPECT_EQ(written(), Values{});
}

TEST_F(MemoryWriterTest, AWriterBeyondRepairMustBeOpenedAgain) {
  for (const WriteStatus end : {WriteStatus::reopen, WriteStatus::stop}) {
    const auto writer = log.writer({"t", {"out"}}, once(WriterCall::send_offsets, {end}));
    writer->open();
    writer->begin();
    writer->produce(kTwo);

    EXPECT_EQ(writer->send_offsets({}, nullptr).status, end);
    EXPECT_EQ(writer->abort().status, WriteStatus::reopen);
    EXPECT_EQ(writer->commit().status, WriteStatus::reopen);
    EXPECT_EQ(writer->open().status, WriteStatus::ok);
    EXPECT_EQ(writer->begin().status, WriteStatus::ok) << "what was open has been aborted";
  }
  EXPECT_EQ(written(), Values{});
}

TEST_F(MemoryWriterTest, ARetryMayFindThatTheCallHasHappened) {
  for (const bool takes_effect : {false, true}) {
    const auto writer =
        log.writer({"t", {"out"}}, once(WriterCall::commit, {WriteStatus::retry, takes_effect}));
    const std::size_t before = written().size();
    writer->open();
    writer->begin();
    writer->produce(std::span(kTwo).first(1));

    EXPECT_EQ(writer->commit().status, WriteStatus::retry);
    EXPECT_EQ(written().size(), before + (takes_effect ? 1 : 0));
    EXPECT_EQ(writer->commit().status, WriteStatus::ok);
    EXPECT_EQ(written().size(), before + 1);
  }
}

TEST_F(MemoryWriterTest, ACommitThatHappenedCannotBeAborted) {
  const auto writer =
      log.writer({"t", {"out"}}, once(WriterCall::commit, {WriteStatus::resend, true}));
  writer->open();
  writer->begin();
  writer->produce(kTwo);

  EXPECT_EQ(writer->commit().status, WriteStatus::resend);
  EXPECT_EQ(writer->abort().status, WriteStatus::reopen);
  EXPECT_EQ(written().size(), 2U);
}

TEST_F(MemoryWriterTest, AFullQueueTakesAPartOrNothing) {
  for (const bool takes_effect : {false, true}) {
    const auto writer =
        log.writer({"t", {"out"}}, once(WriterCall::produce, {WriteStatus::retry, takes_effect}));
    writer->open();
    writer->begin();

    EXPECT_EQ(writer->produce(kTwo), takes_effect ? 1U : 0U);
    EXPECT_EQ(writer->flush().status, WriteStatus::ok);
    EXPECT_EQ(writer->produce(kTwo), 2U);
  }
}

TEST_F(MemoryWriterTest, BeginningTwiceIsAMistakeThatOnlyOpeningMends) {
  const auto writer = log.writer({"t", {"out"}});
  writer->open();
  writer->begin();

  EXPECT_EQ(writer->begin().status, WriteStatus::reopen);
}

TEST_F(MemoryWriterTest, ATransactionWithARefusedRecordCannotBeCommitted) {
  const auto writer = log.writer({"t", {"out"}, 2});
  writer->open();
  writer->begin();
  writer->produce(kTwo);

  EXPECT_EQ(writer->flush().status, WriteStatus::ok);
  EXPECT_EQ(writer->commit().status, WriteStatus::resend);
}

TEST_F(MemoryWriterTest, ATransactionThatTimesOutIsAbortedAndItsProducerFenced) {
  const auto sleeper = log.writer({"t", {"out"}});
  sleeper->open();
  sleeper->begin();
  sleeper->produce(kTwo);
  EXPECT_TRUE(log.open_transaction("t"));
  log.time_out("t");

  EXPECT_FALSE(log.open_transaction("t"));
  EXPECT_EQ(sleeper->commit().status, WriteStatus::reopen);
  EXPECT_EQ(sleeper->open().status, WriteStatus::ok);
  EXPECT_EQ(written(), Values{});
}

class MemoryPlainWriterTest : public MemoryLogTest {
 protected:
  MemoryPlainWriterTest() : reader(log.join({"g", "m", {"in"}})), listener(*reader) {
    listener.poll();
  }
  std::int64_t committed() const {
    const auto found = log.committed("g", "in", 0);
    return found ? found->offset : -1;
  }

  std::unique_ptr<LogReader> reader;
  Listener listener;
  const std::vector<OffsetToCommit> offsets{{.topic = "in", .next_offset = 7}};
};

TEST_F(MemoryPlainWriterTest, AnAbortTakesNothingBack) {
  const auto writer = log.plain_writer({"t", {"out"}});
  writer->open();
  writer->begin();
  writer->produce(kTwo);
  EXPECT_EQ(written(), Values{"one"}) << "half of it arrives at once";
  writer->abort();

  EXPECT_EQ(written(), (Values{"one", "two"}));
}

TEST_F(MemoryPlainWriterTest, WhatIsSentAgainIsThereAgain) {
  const auto writer =
      log.plain_writer({"t", {"out"}}, once(WriterCall::flush, {WriteStatus::resend, true}));
  writer->open();
  writer->begin();
  writer->produce(kTwo);
  EXPECT_EQ(writer->flush().status, WriteStatus::resend);
  writer->abort();
  writer->begin();
  writer->produce(kTwo);
  writer->flush();

  EXPECT_EQ(written(), (Values{"one", "two", "one", "two"}));
}

TEST_F(MemoryPlainWriterTest, ACrashLeavesWhatHadArrived) {
  {
    const auto writer = log.plain_writer({"t", {"out"}});
    writer->open();
    writer->begin();
    writer->produce(kTwo);
  }
  EXPECT_EQ(written(), Values{"one"});
  EXPECT_EQ(committed(), -1);
}

TEST_F(MemoryPlainWriterTest, OffsetsAreCommittedByThemselvesAndOnlyByACurrentMember) {
  const auto writer = log.plain_writer({"t", {"out"}});
  writer->open();
  writer->begin();
  ASSERT_EQ(writer->send_offsets(offsets, listener.generation).status, WriteStatus::ok);
  EXPECT_EQ(committed(), -1);
  ASSERT_EQ(writer->commit().status, WriteStatus::ok);
  EXPECT_EQ(committed(), 7);

  writer->begin();
  ASSERT_EQ(writer->send_offsets(offsets, listener.generation).status, WriteStatus::ok);
  log.expel("g", "m");
  EXPECT_EQ(writer->commit().status, WriteStatus::resend) << "expelled in between";
  writer->abort();
  writer->begin();
  EXPECT_EQ(writer->send_offsets(offsets, listener.generation).status, WriteStatus::resend);
}

}  // namespace
}  // namespace tocsin
