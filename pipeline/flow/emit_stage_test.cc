#include "pipeline/flow/emit_stage.h"

#include <gtest/gtest.h>

#include "pipeline/flow/quiet_observer.h"
#include "pipeline/log/memory_log.h"

namespace tocsin {
namespace {

/// Only remembers the generation under which partitions were assigned.
struct GenerationListener final : ReadSink {
  void assigned(std::span<const Assignment>, GenerationRef now) override {
    generation = std::move(now);
  }
  void revoked(std::span<const PartitionHandle>, Revocation) override {}
  void record(const ReadRecord&) override {}
  void end_of_partition(PartitionHandle, std::int64_t) override {}

  GenerationRef generation;
};

/// One worker's links, an emit stage and a log; the test plays worker and ingest.
class EmitTest : public testing::Test {
 protected:
  EmitTest() {
    log.create_topic("in", 1);
    log.create_topic("out", 1);
    log.create_topic("alerts", 1);
    log.create_topic("dead-letters", 1);
    reader = log.join({.group = "g", .id = "m", .topics = {"in"}});
    EXPECT_TRUE(reader->poll(listener, 1));
    links.push_back(std::make_unique<WorkerLinks>(4));
  }

  void begin(FaultHook faults = nullptr, std::size_t record_bytes_max = SIZE_MAX) {
    writer = log.writer({.transactional_id = "t",
                         .topics = {"out", "alerts", "dead-letters"},
                         .record_bytes_max = record_bytes_max},
                        std::move(faults));
    emit = std::make_unique<EmitStage>(EmitContext{.writer = *writer,
                                                   .workers = links,
                                                   .links = emit_links,
                                                   .counters = counters,
                                                   .observer = observer});
  }

  /// An epoch with one output record and one offset.
  void send_epoch(std::uint64_t epoch, const std::string& value, std::int64_t next_offset) {
    EpochPart& part = parts[epoch % 2];
    part.epoch = epoch;
    part.output.begin_partition(0);
    part.output.add({.topic = 0, .key = part.output.keep("k"), .value = part.output.keep(value)});
    PartitionCut& cut = part.add_cut();
    cut.handle = 0;
    cut.topic = "in";
    cut.next_offset = next_offset;
    links[0]->finished_parts.push(&part);
    emit_links.order({.epoch = epoch, .generation = listener.generation});
  }

  /// Steps until the stage has nothing to do, answering its questions as ingest would.
  Step settle(int steps = 100) {
    Step step = Step::worked;
    for (int i = 0; i < steps && step != Step::failed; ++i) {
      now_ns += 100'000'000;
      step = emit->step(now_ns);
      if (is_member) emit_links.wants_proof_of_membership.store(false);
      if (const auto question = emit_links.question()) {
        const auto committed = log.committed("g", "in", 0);
        emit_links.answer(committed && committed->offset == question->next_offset &&
                          committed->metadata == question->metadata);
      }
    }
    return step;
  }

  std::vector<std::string> written() const {
    std::vector<std::string> values;
    for (const StoredRecord& r : log.read("out", 0, 0)) values.push_back(*r.value);
    return values;
  }
  std::int64_t committed() const {
    const auto offset = log.committed("g", "in", 0);
    return offset ? offset->offset : -1;
  }

  MemoryLog log;
  GenerationListener listener;
  std::unique_ptr<LogReader> reader;
  std::unique_ptr<LogWriter> writer;
  std::vector<std::unique_ptr<WorkerLinks>> links;
  EmitLinks emit_links;
  FlowCounters counters;
  QuietObserver observer;
  EpochPart parts[2];
  std::unique_ptr<EmitStage> emit;
  std::int64_t now_ns = 0;
  bool is_member = true;  // What ingest hears of the group.
};

using Values = std::vector<std::string>;

/// Fails the first call of a kind.
FaultHook once(WriterCall kind, Fault fault) {
  return [kind, fault, is_spent = false](WriterCall call) mutable {
    if (call != kind || is_spent) return Fault{};
    is_spent = true;
    return fault;
  };
}

TEST_F(EmitTest, CommitsOutputsAndOffsetsTogetherAndReturnsThePart) {
  begin();
  send_epoch(1, "one", 5);
  settle();

  EXPECT_EQ(written(), Values{"one"});
  EXPECT_EQ(committed(), 5);
  EXPECT_EQ(emit_links.finished_epoch.load(), 1U);
  EpochPart* returned = nullptr;
  ASSERT_TRUE(links[0]->free_parts.pop(returned));
  EXPECT_TRUE(returned->is_committed);
}

TEST_F(EmitTest, TellsTheWorkerWhereItsStateWasStored) {
  begin();
  log.create_topic("state", 3);
  log.append("state", 2, {.value = "earlier"});
  EpochPart& part = parts[1];
  for (const char* value : {"a", "b"})
    part.state.push_back({.topic = "state", .partition = 2, .value = value});
  send_epoch(1, "one", 5);
  settle();

  ASSERT_EQ(log.read("state", 2, 0).size(), 3U);
  EXPECT_EQ(part.state[0].offset, 1);
  EXPECT_EQ(part.state[1].offset, 2);
  EXPECT_EQ(counters.state_records.value(), 2U);
}

TEST_F(EmitTest, StateThatIsRefusedForGoodEndsTheProcess) {
  begin(nullptr, 1'000);
  log.create_topic("state", 1);
  parts[1].state.push_back({.topic = "state", .value = std::string(5'000, 'x')});
  send_epoch(1, "one", 5);

  EXPECT_EQ(settle(), Step::failed);
  EXPECT_NE(emit->failure().find("state topic state refuses a record of 5000 bytes"),
            std::string::npos)
      << emit->failure();
}

TEST_F(EmitTest, AnEpochOfStateAloneIsSettledByItsMetadata) {
  begin();
  send_epoch(1, "one", 5);
  parts[1].cuts[0].metadata = "first";
  settle();
  for (const bool takes_effect : {false, true}) {
    EpochPart* returned = nullptr;
    ASSERT_TRUE(links[0]->free_parts.pop(returned));
    returned->clear();
    begin(once(WriterCall::commit, {WriteStatus::reopen, takes_effect}));
    send_epoch(emit_links.finished_epoch + 1, "more", 5);
    parts[emit_links.finished_epoch.load() % 2 == 0 ? 1 : 0].cuts[0].metadata = "second";
    settle();
    EXPECT_EQ(log.committed("g", "in", 0)->metadata, "second");
  }
  EXPECT_EQ(written(), (Values{"one", "more", "more"}));
}

TEST_F(EmitTest, ResendsTheSameBytesWhicheverCallAsksForIt) {
  for (const WriterCall call :
       {WriterCall::begin, WriterCall::flush, WriterCall::send_offsets, WriterCall::commit}) {
    begin(once(call, {.status = WriteStatus::resend}));
    const std::size_t before = written().size();
    send_epoch(emit_links.finished_epoch + 1, "same", 5);
    settle();
    ASSERT_EQ(written().size(), before + 1) << static_cast<int>(call);
    EXPECT_EQ(written().back(), "same");
    EpochPart* returned = nullptr;
    ASSERT_TRUE(links[0]->free_parts.pop(returned));
    returned->clear();
  }
}

TEST_F(EmitTest, ACommitOfUnknownOutcomeThatHappenedIsNotRepeated) {
  begin(once(WriterCall::commit, {.status = WriteStatus::reopen, .takes_effect = true}));
  send_epoch(1, "one", 5);
  settle();

  EXPECT_EQ(written(), Values{"one"});
  EXPECT_EQ(committed(), 5);
  EXPECT_EQ(emit_links.finished_epoch.load(), 1U);
}

TEST_F(EmitTest, ACommitOfUnknownOutcomeThatDidNotHappenIsMadeAgain) {
  begin(once(WriterCall::commit, {.status = WriteStatus::reopen, .takes_effect = false}));
  send_epoch(1, "one", 5);
  settle();

  EXPECT_EQ(written(), Values{"one"});
  EXPECT_EQ(committed(), 5);
}

TEST_F(EmitTest, ACommitThatHappenedThoughAnAbortIsAskedForIsNotRepeated) {
  begin(once(WriterCall::commit, {.status = WriteStatus::resend, .takes_effect = true}));
  send_epoch(1, "one", 5);
  settle();

  EXPECT_EQ(written(), Values{"one"});
  EXPECT_EQ(emit_links.finished_epoch.load(), 1U);
}

TEST_F(EmitTest, RetriesTheSameCallAndNothingElse) {
  begin(once(WriterCall::commit, {.status = WriteStatus::retry}));
  send_epoch(1, "one", 5);
  settle();

  EXPECT_EQ(written(), Values{"one"});
  EXPECT_EQ(counters.aborts.value(), 0U);
}

TEST_F(EmitTest, ASecondFencingWithinAMinuteEndsTheProcess) {
  begin();
  settle(3);
  const auto rival = log.writer({.transactional_id = "t", .topics = {"out"}});
  send_epoch(1, "one", 5);
  rival->open();
  settle(20);
  ASSERT_EQ(written(), Values{"one"});
  rival->open();
  send_epoch(2, "two", 6);

  EXPECT_EQ(settle(), Step::failed);
  EXPECT_NE(emit->failure().find("second time within a minute"), std::string::npos);
}

TEST_F(EmitTest, OtherReasonsToOpenTheWriterAgainMayComeAsOftenAsTheyLike) {
  begin([calls = 0](WriterCall call) mutable {
    return call == WriterCall::commit && ++calls <= 5 ? Fault{WriteStatus::reopen} : Fault{};
  });
  send_epoch(1, "one", 5);

  EXPECT_NE(settle(), Step::failed) << emit->failure();
  EXPECT_EQ(written(), Values{"one"});
  EXPECT_EQ(counters.reopens.value(), 5U);
}

TEST_F(EmitTest, WhoIsNoLongerAMemberDoesNotFenceItsSuccessor) {
  begin();
  settle(3);
  is_member = false;
  const auto successor = log.writer({.transactional_id = "t", .topics = {"out"}});
  successor->open();
  send_epoch(1, "of the former self", 5);
  settle();
  ASSERT_TRUE(emit_links.wants_proof_of_membership.load());
  EXPECT_EQ(successor->begin().status, WriteStatus::ok);
  EXPECT_EQ(successor->commit().status, WriteStatus::ok);

  is_member = true;
  settle();
  EXPECT_EQ(written(), Values{"of the former self"});
}

TEST_F(EmitTest, NeverCommitsAnEpochThatIsToBeDiscarded) {
  begin();
  send_epoch(1, "lost", 5);
  emit_links.discard_through.store(1);
  settle();
  send_epoch(2, "kept", 6);
  settle();

  EXPECT_EQ(written(), Values{"kept"});
  EXPECT_EQ(committed(), 6);
}

TEST_F(EmitTest, WaitsWithAnEpochOfAPassedGenerationUntilItIsDiscarded) {
  begin();
  log.expel("g", "m");
  send_epoch(1, "zombie", 5);
  settle(20);
  EXPECT_EQ(emit_links.finished_epoch.load(), 0U);
  EXPECT_EQ(emit_links.passed_epoch.load(), 1U);
  EXPECT_EQ(counters.aborts.value(), 1U) << "there is no use in trying again";

  emit_links.discard_through.store(1);
  settle();
  EXPECT_EQ(emit_links.finished_epoch.load(), 1U);
  EXPECT_EQ(written(), Values{});
}

TEST_F(EmitTest, WritesASubstituteForARecordThatIsRefusedForGood) {
  begin(nullptr, 1'000);
  send_epoch(1, std::string(5'000, 'x'), 5);
  settle();

  EXPECT_EQ(counters.refused_records.value(), 1U);
  EXPECT_EQ(committed(), 5);
  ASSERT_EQ(written().size() + log.read("dead-letters", 0, 0).size(), 1U);
}

}  // namespace
}  // namespace tocsin
