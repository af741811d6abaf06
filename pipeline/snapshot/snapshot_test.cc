// A partition's state through a state topic and back.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "pipeline/scoring/scoring_fixture.h"
#include "pipeline/snapshot/restoration.h"
#include "pipeline/snapshot/snapshot_search.h"
#include "pipeline/snapshot/snapshot_writer.h"

namespace tocsin {
namespace {

constexpr std::uint64_t kOwner = 0xA;

/// A stream with one detector at every scope.
std::shared_ptr<const StreamPlan> test_plan() {
  StreamSettings stream =
      stream_of({"x"}, {detector_of(kEcho), detector_of(kRefitted, Scope::stream),
                        detector_of(kEcho, Scope::group)});
  return plan_of(stream);
}

/// What the ingest stage, a worker and the emit stage do around a partition, in a few words.
class SnapshotTest : public testing::Test {
 protected:
  SnapshotTest() : scoring(test_plan()) { writer.begin_lineage({}, "c"); }

  /// Events of entities that come and go; some chunks are written often, others once.
  void handle(int events) {
    for (int i = 0; i < events; ++i) {
      const int entity = i % 3 == 0 ? static_cast<int>(scoring.offset) : i % 7;
      writer.handled(scoring.offset);
      scoring.handle({.entity = "entity-" + std::to_string(entity),
                      .time_ms = 1'000 * scoring.offset,
                      .values = {noise.normal()},
                      .group = "region-" + std::to_string(i % 3)});
    }
  }

  void begin_snapshot() {
    at_cut = scoring.saved();
    writer.begin(scoring.partition, {.input_offset = scoring.offset,
                                     .sequence = scoring.partition.sequence(),
                                     .decoder = "decoder"});
  }

  /// One epoch: its state records are stored, then known to be committed.
  void epoch(std::size_t raw_bytes_max = 64U << 10U) {
    std::vector<StateWrite> writes;
    writer.write(scoring.partition, raw_bytes_max, writes);
    for (StateWrite& write : writes) {
      write.offset = static_cast<std::int64_t>(topic.size());
      topic.push_back(write.value);
      topic.emplace_back();  // A marker of a transaction takes an offset, too.
    }
    writer.committed(writes);
    mark = {.sequence = scoring.partition.sequence()};
    writer.fill(mark);
  }
  void finish_snapshot() {
    while (writer.is_under_way()) epoch();
  }

  /// Reads the topic as a restore does; an error where it is refused.
  Result<void> restore(ScoringFixture& into, Chain chain = Chain::exact) {
    Restoration restoration(mark, chain);
    RestoreAssembly assembly;
    for (bool is_next = true; is_next;) {
      restoration.watermark(static_cast<std::int64_t>(topic.size()));
      pieces_read.push_back(0);
      for (auto offset = static_cast<std::size_t>(restoration.read_from()); offset < topic.size();
           ++offset) {
        if (topic[offset].empty()) continue;
        auto piece = restoration.take(static_cast<std::int64_t>(offset), topic[offset]);
        if (!piece) return piece.error();
        if (!*piece) continue;
        ++pieces_read.back();
        if (auto added = assembly.add(into.partition, **piece); !added) return added;
      }
      restoration.end(static_cast<std::int64_t>(topic.size()));
      EXPECT_TRUE(restoration.is_read());
      const auto next = restoration.next_reading();
      if (!next) return next.error();
      is_next = *next;
    }
    EXPECT_EQ(restoration.start()->decoder, "decoder");
    const auto finished = assembly.finish(into.partition);
    if (!finished) return finished.error();
    return {};
  }

  void expect_restores_the_cut() {
    ScoringFixture fresh(test_plan());
    const auto restored = restore(fresh);
    ASSERT_TRUE(restored) << restored.error().message;
    EXPECT_TRUE(fresh.saved() == at_cut) << "the state is another";
  }

  Noise noise{7};
  ScoringFixture scoring;
  SnapshotWriter writer{kOwner, "state", 0};
  std::vector<std::string> topic;
  PartitionMark mark;
  std::string at_cut;
  std::vector<int> pieces_read;
};

TEST_F(SnapshotTest, AHoleInTheChainIsRefused) {
  handle(100);
  begin_snapshot();
  finish_snapshot();
  epoch();
  writer.note({.kind = JournalEntry::Kind::configuration});
  epoch();
  const std::size_t noted = topic.size() - 2;
  writer.note({.kind = JournalEntry::Kind::configuration});
  epoch();
  topic[noted].clear();

  ScoringFixture fresh(test_plan());
  const auto refused = restore(fresh);

  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("something is missing"), std::string::npos)
      << refused.error().message;
}

/// Without the offset that names it.
class SnapshotSearchTest : public SnapshotTest {
 protected:
  std::optional<PartitionMark> found(std::size_t from = 0) const {
    SnapshotSearch search;
    for (std::size_t offset = from; offset < topic.size(); ++offset)
      if (!topic[offset].empty()) search.take(static_cast<std::int64_t>(offset), topic[offset]);
    EXPECT_EQ(search.trouble(), "");
    return search.mark();
  }
};

TEST_F(SnapshotSearchTest, FindsTheLastThatIsWhole) {
  for (int snapshot = 0; snapshot < 4; ++snapshot) {
    handle(200);
    begin_snapshot();
    finish_snapshot();
    epoch();
  }
  const std::string last_cut = at_cut;
  const PartitionMark named = mark;
  handle(100);
  begin_snapshot();
  epoch(1);  // It does not come to its end.

  for (const std::int64_t from : {std::int64_t{0}, named.snapshot->oldest_offset}) {
    const auto again = found(static_cast<std::size_t>(from));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->snapshot->id, named.snapshot->id);
    EXPECT_EQ(again->snapshot->start_offset, named.snapshot->start_offset);
    EXPECT_EQ(again->snapshot->input_offset, 800);
    EXPECT_EQ(again->sequence, 800U);
    EXPECT_EQ(again->last, mark.last) << "the chain goes on there";
    mark = *again;
    at_cut = last_cut;
    expect_restores_the_cut();
  }
}

TEST_F(SnapshotSearchTest, FindsNoneOfAnotherLineage) {
  handle(100);
  begin_snapshot();
  finish_snapshot();
  ASSERT_TRUE(found());
  writer = SnapshotWriter(kOwner, "state", 0);
  writer.begin_lineage({.input_offset = 100}, "c");
  epoch();

  EXPECT_FALSE(found());
}

TEST_F(SnapshotSearchTest, FindsNoneThatLacksAPiece) {
  handle(2'000);
  begin_snapshot();
  finish_snapshot();
  ASSERT_TRUE(found());
  topic[topic.size() / 2 / 2 * 2].clear();

  EXPECT_FALSE(found());
}

TEST_F(SnapshotTest, IsTheStateAtTheCutThoughEventsGoOn) {
  handle(2'000);
  begin_snapshot();
  int epochs = 0;
  for (; writer.is_under_way(); ++epochs) {
    handle(50);
    epoch();
  }
  EXPECT_GT(epochs, 3) << "it is sent in small steps";
  EXPECT_EQ(mark.snapshot->input_offset, 2'000);
  expect_restores_the_cut();
}

TEST_F(SnapshotTest, TheTrailCountsWhatCameSinceTheCut) {
  handle(300);
  begin_snapshot();
  handle(20);
  finish_snapshot();
  handle(5);
  epoch();
  RecordTrail expected;
  for (std::int64_t offset = 300; offset < 325; ++offset) expected.add(offset);
  EXPECT_EQ(mark.since, expected);
}

TEST_F(SnapshotTest, TheMarkSaysThatInputWasGoneUntilASnapshotIsOfLater) {
  handle(300);
  begin_snapshot();
  finish_snapshot();
  PartitionMark after_gap = mark;
  after_gap.resumed = 350;
  writer.continue_from(after_gap, {});
  handle(5);
  epoch();
  EXPECT_EQ(mark.resumed, 350);
  begin_snapshot();
  epoch(1);
  EXPECT_EQ(mark.resumed, 350) << "not yet named";
  finish_snapshot();
  EXPECT_FALSE(mark.resumed);
}

TEST_F(SnapshotTest, LaterOnesSendWhatChangedAndAnEighth) {
  handle(6'000);
  begin_snapshot();
  finish_snapshot();
  const std::size_t whole = writer.sum().raw_bytes;
  for (int round = 0; round < 12; ++round) {
    handle(10);
    begin_snapshot();
    finish_snapshot();
    EXPECT_LT(writer.sum().raw_bytes, whole / 2);
    expect_restores_the_cut();
  }
}

TEST_F(SnapshotTest, TheOldestPieceNeededMovesOn) {
  handle(3'000);
  begin_snapshot();
  finish_snapshot();
  const std::int64_t first = mark.snapshot->oldest_offset;
  const std::int64_t first_start = mark.snapshot->start_offset;
  for (int round = 0; round < 9; ++round) {
    handle(10);
    begin_snapshot();
    finish_snapshot();
    // What lies before it may be gone.
    for (std::int64_t at = 0; at < mark.snapshot->oldest_offset; ++at)
      topic[static_cast<std::size_t>(at)].clear();
    expect_restores_the_cut();
  }
  EXPECT_EQ(first, first_start) << "a whole snapshot needs nothing older";
  EXPECT_GT(mark.snapshot->oldest_offset, first_start);
}

TEST_F(SnapshotTest, OneThatWasAbandonedIsPassedOver) {
  handle(1'000);
  begin_snapshot();
  finish_snapshot();
  const std::string named = at_cut;
  handle(100);
  begin_snapshot();
  epoch(1);  // Its start and a piece; then the owner is gone.
  ASSERT_TRUE(writer.is_under_way());
  at_cut = named;
  expect_restores_the_cut();
}

TEST_F(SnapshotTest, ASuccessorNeedsNothingOfItsPredecessorOnceItHasItsOwn) {
  handle(1'000);
  begin_snapshot();
  finish_snapshot();
  const auto before = static_cast<std::int64_t>(topic.size());
  SnapshotWriter successor(kOwner + 1, "state", 0);
  successor.continue_from(mark, {});
  writer = std::move(successor);
  handle(5);
  begin_snapshot();
  finish_snapshot();
  EXPECT_GE(mark.snapshot->oldest_offset, before);
  EXPECT_EQ(mark.snapshot->owner, kOwner + 1);
  expect_restores_the_cut();
}

TEST_F(SnapshotTest, AMissingRecordIsRefused) {
  handle(1'000);
  begin_snapshot();
  finish_snapshot();
  const std::vector<std::string> whole = topic;
  for (std::size_t gone = static_cast<std::size_t>(mark.snapshot->start_offset);
       gone < whole.size(); ++gone) {
    if (whole[gone].empty()) continue;
    topic = whole;
    topic[gone].clear();
    ScoringFixture fresh(test_plan());
    EXPECT_FALSE(restore(fresh)) << "without record at " << gone;
  }
}

TEST_F(SnapshotTest, ARecordThatNoOffsetKnowsIsRefusedOnlyWhereItCannotBe) {
  handle(100);
  begin_snapshot();
  finish_snapshot();
  topic.push_back(
      StateRecord{.number = mark.last.number + 1, .owner = kOwner, .content = JournalEntry{}}
          .encode());
  ScoringFixture strict(test_plan());
  const auto refused = restore(strict, Chain::exact);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("the offset was set back"), std::string::npos)
      << refused.error().message;
  // Without transactions an owner may write what it then cannot commit.
  ScoringFixture loose(test_plan());
  const auto restored = restore(loose, Chain::loose);
  EXPECT_TRUE(restored) << restored.error().message;
}

TEST_F(SnapshotTest, WithoutTransactionsRepeatedRecordsCountOnce) {
  handle(1'000);
  begin_snapshot();
  finish_snapshot();
  std::vector<std::string> twice;
  for (const std::string& record : topic) twice.insert(twice.end(), {record, record});
  topic = twice;
  mark.snapshot->start_offset *= 2;
  mark.snapshot->oldest_offset *= 2;
  ScoringFixture fresh(test_plan());
  const auto restored = restore(fresh, Chain::loose);
  ASSERT_TRUE(restored) << restored.error().message;
  EXPECT_TRUE(fresh.saved() == at_cut);
}

TEST_F(SnapshotTest, DamageIsRefused) {
  handle(300);
  begin_snapshot();
  finish_snapshot();
  for (std::size_t record = 0; record < topic.size(); ++record) {
    for (std::size_t at = 0; at < topic[record].size(); at += 97) {
      const std::string whole = topic[record];
      topic[record][at] = static_cast<char>(topic[record][at] ^ 0x10);
      ScoringFixture fresh(test_plan());
      const bool is_restored = restore(fresh).has_value();
      // Some bits carry nothing that a restore needs: a time, for people.
      EXPECT_TRUE(!is_restored || fresh.saved() == at_cut) << record << " at " << at;
      topic[record] = whole;
    }
  }
}

}  // namespace
}  // namespace tocsin
