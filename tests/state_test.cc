// What becomes of state when the log is not as it was left: refused with a sentence, never guessed.

#include <gtest/gtest.h>

#include "pipeline/scoring/inline_refits.h"
#include "pipeline/snapshot/partition_mark.h"
#include "tests/engine_rig.h"

namespace tocsin {
namespace {

constexpr const char* kInput = "in";
constexpr const char* kState = "test-state-in";

DetectorSettings spike() {
  const DetectorKind* kind = find_detector("spike");
  DetectorSettings settings{.kind = kind, .parameters = Settings(kind->parameters)};
  settings.parameters.set("warmup_points", 3);  // Scores come within the first hundred records.
  return settings;
}

/// One stream over one topic with two partitions.
PipelineCase small_case() {
  PipelineCase input;
  StreamSettings stream;
  stream.name = "s";
  stream.topics = {kInput};
  stream.features = {{.name = "v", .field = "/v"}};
  stream.detectors = {spike()};
  stream.partition_max_bytes = 64U << 10U;
  input.streams = {stream};
  input.outputs.scores.topic = "scores";
  input.outputs.alerts.topic = "alerts";
  input.outputs.dead_letters = "dead-letters";
  input.topics = {{kInput, 2}};
  return input;
}

class StateTest : public testing::Test {
 protected:
  StateTest() { append(200); }

  void append(int events) {
    for (int i = 0; i < events; ++i)
      topics.log.append(kInput, i % 2,
                        {.timestamp_ms = 1'000 * appended++,
                         .key = "k" + std::to_string(i % 9),
                         .value = "{\"v\":" + std::to_string(i % 7) + "}"});
  }
  static FlowSettings flow(std::uint64_t owner, OnGap on_gap = OnGap::refuse) {
    return {.epoch_ms = 2, .app = "test", .owner = owner, .on_gap = on_gap};
  }
  std::unique_ptr<Rig> start(std::uint64_t owner, OnGap on_gap = OnGap::refuse,
                             const std::string& id = "one") {
    return std::make_unique<Rig>(topics.log, input, flow(owner, on_gap), refits, Memory::kept, id);
  }
  /// One whole life that ends in order.
  void live(std::uint64_t owner) {
    const auto rig = start(owner);
    ASSERT_EQ(rig->failure(now_ns), "");
    rig->engine->begin_stop();
    while (!rig->engine->is_stopped()) rig->step(now_ns);
  }
  std::string failure_of_start(OnGap on_gap = OnGap::refuse) {
    return start(99, on_gap)->failure(now_ns);
  }
  /// Of the input's records from `offset` on, in their order.
  std::string statuses(std::int32_t partition, std::int64_t offset) {
    std::vector<StoredRecord> taken = topics.log.take("scores", 0);
    scores.insert(scores.end(), taken.begin(), taken.end());
    std::string text;
    for (const StoredRecord& score : scores) {
      const std::string id = "\"id\":\"s/in/" + std::to_string(partition) + "/";
      const std::size_t at = score.value->find(id);
      if (at == std::string::npos || std::stoll(score.value->substr(at + id.size())) < offset)
        continue;
      const std::string status = "\"status\":\"";
      const std::size_t begin = score.value->find(status) + status.size();
      text += score.value->substr(begin, score.value->find('"', begin) - begin) + ",";
    }
    return text;
  }
  PartitionMark mark(std::int32_t partition) const {
    return *PartitionMark::parse(topics.log.committed(kGroup, kInput, partition)->metadata);
  }

  std::vector<StoredRecord> scores;  // Taken out of the log so far.
  PipelineCase input = small_case();
  Topics topics{input};
  InlineRefits refits;
  std::int64_t now_ns = 0;
  std::int64_t appended = 0;
};

TEST_F(StateTest, AnOrderlyEndNamesTheStateAtTheCommittedOffset) {
  live(1);
  for (const std::int32_t partition : {0, 1}) {
    ASSERT_TRUE(mark(partition).snapshot);
    EXPECT_EQ(mark(partition).snapshot->input_offset, 100);
    EXPECT_EQ(mark(partition).since.count, 0U);
    EXPECT_EQ(mark(partition).sequence, 100U);
  }
  // Nothing has happened since: nothing is written again.
  const std::int64_t written = topics.log.watermarks(kState, 0).high;
  live(2);
  EXPECT_EQ(topics.log.watermarks(kState, 0).high, written);
}

TEST_F(StateTest, InputThatNobodyNeedsMayBeGone) {
  live(1);
  topics.log.trim(kInput, 0, 100);
  append(20);
  EXPECT_EQ(failure_of_start(), "");
}

TEST_F(StateTest, InputThatTheReplayNeedsMayNot) {
  {
    const auto rig = start(1);
    ASSERT_EQ(rig->failure(now_ns), "");  // And it is gone, without a snapshot.
  }
  topics.log.trim(kInput, 0, 7);
  const std::string failure = failure_of_start();
  EXPECT_NE(failure.find("in/0: the state at offset 100 is made from input since 0, but records "
                         "before 7 are gone"),
            std::string::npos)
      << failure;
  EXPECT_EQ(failure_of_start(OnGap::proceed), "") << "unless the operator says so";
  EXPECT_EQ(mark(0).since.count, 93U);
}

TEST_F(StateTest, RecordsSayThatInputIsMissingUntilAsManyHaveComeAgain) {
  {
    const auto rig = start(1);
    ASSERT_EQ(rig->failure(now_ns), "");
  }
  topics.log.trim(kInput, 0, 7);
  append(8);  // Offsets 100 to 103 of each partition.
  ASSERT_EQ(failure_of_start(OnGap::proceed), "");
  EXPECT_EQ(mark(0).gap_until, 107);
  EXPECT_EQ(mark(1).gap_until, 0);
  append(12);
  ASSERT_EQ(start(3)->failure(now_ns), "") << "another life goes on with it, and need not be told";

  EXPECT_EQ(statuses(0, 99), "scored,gap,gap,gap,gap,gap,gap,gap,scored,scored,scored,");
  EXPECT_EQ(statuses(1, 107), "scored,scored,scored,");
  EXPECT_EQ(mark(0).gap_until, 0) << "it is over";
}

TEST_F(StateTest, InputThatExpiredUnreadIsNoGapOfTheState) {
  live(1);
  append(20);
  topics.log.trim(kInput, 0, 103);
  ASSERT_EQ(failure_of_start(), "") << "nothing is needed of it to have the state again";

  EXPECT_EQ(statuses(0, 99), "scored,scored,scored,scored,scored,scored,scored,scored,");
}

TEST_F(StateTest, InputThatExpiredUnreadIsNotAskedForAgain) {
  live(1);
  append(20);
  topics.log.trim(kInput, 0, 103);
  ASSERT_EQ(failure_of_start(), "");
  EXPECT_EQ(mark(0).snapshot->input_offset, 100);
  EXPECT_EQ(mark(0).resumed, 103);
  append(20);
  ASSERT_EQ(failure_of_start(), "") << "the state at 100, then from 103 on";
  EXPECT_EQ(mark(0).since.count, 17U);
  live(3);
  EXPECT_FALSE(mark(0).resumed) << "a snapshot is of later";
}

TEST_F(StateTest, InputThatIsNotWhatItWasIsRefused) {
  {
    const auto rig = start(1);
    ASSERT_EQ(rig->failure(now_ns), "");
  }
  // Compaction takes records from the midst, which takes nothing but their offsets.
  topics.log.remove(kInput, 1, 40);
  const std::string failure = failure_of_start();
  EXPECT_NE(failure.find("in/1: since its snapshot the partition had 100 records, and now has 99"),
            std::string::npos)
      << failure;
  append(2);
  EXPECT_EQ(failure_of_start(OnGap::proceed), "") << "unless the operator says so";
  EXPECT_EQ(mark(1).gap_until, 200);
  EXPECT_EQ(statuses(1, 100), "gap,");
}

TEST_F(StateTest, AStateTopicThatWasEmptiedIsRefused) {
  live(1);
  topics.log.trim(kState, 0, topics.log.watermarks(kState, 0).high);
  const std::string failure = failure_of_start();
  EXPECT_NE(failure.find("in/0: the state topic lacks record"), std::string::npos) << failure;
  EXPECT_NE(failure.find("`tocsin state reset`"), std::string::npos) << "a way out";
}

TEST_F(StateTest, StateWithoutAnOffsetThatNamesItIsRefused) {
  live(1);
  topics.log.forget_group(kGroup);
  const std::string failure = failure_of_start();
  EXPECT_NE(failure.find("holds state, but the group has no offset"), std::string::npos) << failure;
}

TEST_F(StateTest, ARebalanceThatBringsAPartitionBackReadsNothing) {
  const auto one = start(1);
  ASSERT_EQ(one->failure(now_ns), "");
  const auto two = start(2, OnGap::refuse, "two");
  const auto step_both = [&](int steps) {
    for (int i = 0; i < steps; ++i) {
      one->step(now_ns);
      two->step(now_ns);
    }
  };
  step_both(400);
  append(40);
  step_both(400);

  const FlowCounters& kept = one->engine->counters();
  EXPECT_EQ(kept.assigned_partitions.value(), 1U);
  EXPECT_EQ(kept.restore_bytes.value(), 0U);
  EXPECT_EQ(kept.records_replayed.value(), 0U);
  const FlowCounters& taken = two->engine->counters();
  EXPECT_EQ(taken.assigned_partitions.value(), 1U);
  EXPECT_EQ(taken.records_replayed.value(), 100U) << "no snapshot yet: from the lineage's start";
  EXPECT_EQ(topics.log.committed(kGroup, kInput, 0)->offset, 120);
  EXPECT_EQ(topics.log.committed(kGroup, kInput, 1)->offset, 120);
}

/// Two instances share the topic from a given step of the first on, then part again.
void rebalance_twice_at(int moment, const PipelineCase& input, RefitRunner& refits) {
  Topics fresh(input);
  const auto append = [&](int events) {
    for (int i = 0; i < events; ++i)
      fresh.log.append(kInput, i % 2, {.timestamp_ms = 1, .key = "k", .value = "{\"v\":1}"});
  };
  const auto settings = [](std::uint64_t owner) {
    return FlowSettings{.epoch_ms = 2, .app = "test", .owner = owner, .snapshot_records = 5};
  };
  std::int64_t now_ns = 0;
  append(20);
  Rig one(fresh.log, input, settings(1), refits, Memory::kept, "one");
  for (int i = 0; i < moment; ++i) one.step(now_ns);
  const auto step_with_another = [&](std::uint64_t owner) {
    Rig two(fresh.log, input, settings(owner), refits, Memory::kept, "two");
    append(20);
    for (int i = 0; i < 120; ++i) {
      one.step(now_ns);
      two.step(now_ns);
    }
  };
  step_with_another(2);
  step_with_another(3);
  for (int i = 0; i < 200; ++i) one.step(now_ns);
  for (const std::int32_t partition : {0, 1})
    EXPECT_EQ(fresh.log.committed(kGroup, kInput, partition)->offset, 30) << "moment " << moment;
}

TEST_F(StateTest, ARebalanceAtAnyMomentOfASnapshotStopsNothing) {
  for (int moment = 1; moment <= 60; ++moment) rebalance_twice_at(moment, input, refits);
}

TEST_F(StateTest, WhatWasLostToAnotherIsNotTakenForOurs) {
  const auto one = start(1);
  ASSERT_EQ(one->failure(now_ns), "");
  topics.log.expel(kGroup, "one");
  {
    const auto two = start(2, OnGap::refuse, "two");
    append(40);
    for (int i = 0; i < 400; ++i) two->step(now_ns);  // While `one` is a zombie.
    EXPECT_EQ(mark(0).owner, 2U);
  }
  append(40);
  ASSERT_EQ(one->failure(now_ns), "");
  EXPECT_EQ(mark(0).owner, 1U);
  EXPECT_EQ(mark(0).sequence, 140U);
  EXPECT_GT(one->engine->counters().records_replayed.value(), 0U);
}

}  // namespace
}  // namespace tocsin
