// Where a partition's state begins with nothing, and that it is not another's state afterwards.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "pipeline/flow/life_fixture.h"
#include "pipeline/flow/partition_starter.h"
#include "pipeline/snapshot/partition_mark.h"

namespace tocsin {
namespace {

class LineageTest : public testing::Test {
 protected:
  LineageTest() { make_topics(log); }

  static void make_topics(MemoryLog& log) {
    log.create_topic(kInput, 2);
    for (const char* topic : {"scores", "alerts", "dead"}) log.create_topic(topic, 1);
  }
  static void append(MemoryLog& log, int first, int count) {
    for (int i = first; i < first + count; ++i)
      log.append(
          kInput, 0,
          {.timestamp_ms = 1'700'000'000'000 + i,
           .key = "k" + std::to_string(i % 3),
           .value = R"({"x":)" + std::to_string(i % 100 == 99 ? 900 : 10 + i * 7 % 13) + "}"});
  }
  static std::vector<std::string> scores(const MemoryLog& log) {
    std::vector<std::string> values;
    for (const StoredRecord& record : log.read("scores", 0, 0)) values.push_back(*record.value);
    return values;
  }
  static FlowSettings flow(std::uint64_t owner, std::int64_t from = -1) {
    FlowSettings settings{.epoch_ms = 5, .owner = owner};
    if (from >= 0) settings.from[{kInput, 0}] = from;
    return settings;
  }

  std::optional<CommittedOffset> committed() const { return log.committed(kApp, kInput, 0); }
  std::optional<PartitionMark> mark() const {
    return committed() ? PartitionMark::parse(committed()->metadata) : std::nullopt;
  }
  std::int64_t state_end() const { return log.watermarks(state_topic_of(kApp, kInput), 0).high; }
  /// State of 200 records, whose offset the group then forgets.
  void leave_state_without_an_offset() {
    append(log, 0, 200);
    Life first(log, flow(1));
    ASSERT_EQ(first.drain(), "");
    first.end();
    ASSERT_TRUE(mark() && mark()->snapshot);
    log.set_committed(kApp, kInput, 0, std::nullopt);
    (void)log.take("scores", 0);
  }
  /// What one unbroken life makes of the same input when it knows nothing before `from`.
  static std::vector<std::string> unbroken(std::int64_t from, int count) {
    MemoryLog fresh;
    make_topics(fresh);
    append(fresh, 0, count);
    Life life(fresh, flow(9, from));
    EXPECT_EQ(life.drain(), "");
    return scores(fresh);
  }

  MemoryLog log;
};

TEST_F(LineageTest, StateWithoutAnOffsetIsRefusedWithTheWaysOut) {
  leave_state_without_an_offset();
  Life second(log, flow(2));

  EXPECT_EQ(second.drain(),
            "in/0: the state topic holds state, but the group has no offset with metadata that "
            "names it; `tocsin state reset --to-snapshot` goes on with the last snapshot; `tocsin "
            "state reset`, or a start with `--from`, begins a new lineage");
  EXPECT_TRUE(scores(log).empty());
}

TEST_F(LineageTest, BeginsWhereItIsToldAndTakesNoStateOfAnother) {
  leave_state_without_an_offset();
  const std::int64_t end_before = state_end();
  Life second(log, flow(2, 120));

  ASSERT_EQ(second.drain(), "");

  EXPECT_EQ(scores(log), unbroken(120, 200));
  EXPECT_EQ(scores(log).size(), 80U);
  ASSERT_TRUE(mark());
  EXPECT_EQ(mark()->lineage_offset, 120);
  EXPECT_EQ(mark()->state_offset, end_before);
  EXPECT_EQ(mark()->sequence, 80U);
}

TEST_F(LineageTest, IsRestoredFromItsOwnRecordsOnly) {
  leave_state_without_an_offset();
  for (int life = 0; life < 3; ++life) {  // Each crashes; the first before any snapshot.
    append(log, 200 + 10 * life, 10);
    Life one(log, flow(2 + static_cast<std::uint64_t>(life), life == 0 ? 200 : -1));
    ASSERT_EQ(one.drain(), "");
    if (life > 0) one.step_on();
    EXPECT_EQ(mark()->snapshot.has_value(), life > 0);
  }

  EXPECT_EQ(scores(log), unbroken(200, 230));
}

TEST_F(LineageTest, ALineageOfNothingButItsBeginningIsRestored) {
  leave_state_without_an_offset();
  {
    Life life(log, flow(2, 200));
    ASSERT_EQ(life.drain(), "");
    life.end();
  }
  ASSERT_EQ(committed()->offset, 200);
  append(log, 200, 30);
  Life life(log, flow(3));

  ASSERT_EQ(life.drain(), "");

  EXPECT_EQ(scores(log), unbroken(200, 230));
}

TEST_F(LineageTest, OffsetsOutsideOfThePartitionMeanItsEnds) {
  append(log, 0, 50);
  log.trim(kInput, 0, 20);
  Life early(log, flow(1, 5));
  ASSERT_EQ(early.drain(), "");
  EXPECT_EQ(scores(log).size(), 30U);
  early.end();
  early.reader.reset();
  log.set_committed(kApp, kInput, 0, std::nullopt);

  Life late(log, flow(2, 1'000));
  ASSERT_EQ(late.drain(), "");
  EXPECT_EQ(scores(log).size(), 30U);
  EXPECT_EQ(committed()->offset, 50);
}

TEST_F(LineageTest, AnOffsetThatTheGroupHasCountsMore) {
  append(log, 0, 50);
  {
    Life life(log, flow(1));
    ASSERT_EQ(life.drain(), "");
  }
  append(log, 50, 10);
  Life life(log, flow(2, 0));

  ASSERT_EQ(life.drain(), "");

  EXPECT_EQ(scores(log), unbroken(0, 60));
}

TEST_F(LineageTest, AResetBeginsOneAtItsOffset) {
  append(log, 0, 200);
  {
    Life life(log, flow(1));
    ASSERT_EQ(life.drain(), "");
  }
  (void)log.take("scores", 0);
  const std::int64_t end_before = state_end();
  log.set_committed(kApp, kInput, 0,
                    CommittedOffset{.offset = 70, .metadata = std::string(kNewLineageWords)});

  Life life(log, flow(2));
  ASSERT_EQ(life.drain(), "");

  EXPECT_EQ(scores(log), unbroken(70, 200));
  EXPECT_EQ(mark()->lineage_offset, 70);
  EXPECT_EQ(mark()->state_offset, end_before);
}

TEST_F(LineageTest, OtherWordsBesideAnOffsetAreRefused) {
  append(log, 0, 5);
  log.set_committed(kApp, kInput, 0, CommittedOffset{.offset = 3, .metadata = "tocsin1 else"});
  Life life(log, flow(1));

  EXPECT_EQ(life.drain(),
            "in/0: the group's offset carries metadata that is not ours, \"tocsin1 else\"; `tocsin "
            "state reset` begins a new lineage");
}

TEST_F(LineageTest, APartitionThatComesBackSaysAtOnceHowFarItIs) {
  append(log, 0, 50);
  Life life(log, flow(1));
  ASSERT_EQ(life.drain(), "");

  log.create_topic(kInput, 3);  // A rebalance; nothing comes in behind it.
  life.step_on();

  std::int64_t next_offset = -1;
  for (const PartitionProgress& progress : life.engine->counters().progress())
    if (progress.topic == kInput && progress.partition == 0) next_offset = progress.next_offset;
  EXPECT_GE(life.engine->counters().rebalances.value(), 3U);
  EXPECT_EQ(next_offset, 50);
}

}  // namespace
}  // namespace tocsin
