// Input that is gone: the time of it is no evidence, and every later life knows of it.

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "pipeline/flow/life_fixture.h"
#include "pipeline/flow/partition_starter.h"
#include "pipeline/snapshot/partition_mark.h"
#include "pipeline/snapshot/state_record.h"

namespace tocsin {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;

class GapTest : public testing::Test {
 protected:
  GapTest() {
    log.create_topic(kInput, 1);
    for (const char* topic : {"scores", "alerts", "dead"}) log.create_topic(topic, 1);
  }
  /// Events of `k1`, ten a second, from an hour of event time on.
  void append(int count, std::int64_t hour, const std::string& key = "k1") {
    for (int i = 0; i < count; ++i, ++appended) {
      const int value = 10 + appended * 7 % 13;
      log.append(kInput, 0,
                 {.timestamp_ms = kHourMs * hour + 100 * i,
                  .key = key,
                  .value = "{\"x\":" + std::to_string(value) + "}"});
    }
  }
  /// An anomaly of `k0`, which is not heard of again.
  void fail() {
    append(300, 0, "k0");
    append(100, 0);
    log.append(kInput, 0, {.timestamp_ms = 30'000, .key = "k0", .value = R"({"x":90000})"});
  }
  FlowSettings flow(OnGap on_gap = OnGap::refuse) {
    return {.epoch_ms = 5, .owner = ++owner, .on_gap = on_gap};
  }
  /// One life that ends in a crash; the refusal, if there is one.
  std::string live(OnGap on_gap = OnGap::refuse) {
    Life life(log, flow(on_gap));
    std::string failure = life.drain();
    if (failure.empty()) note(life);
    return failure;
  }
  void live_to_the_end() {
    Life life(log, flow());
    ASSERT_EQ(life.drain(), "");
    life.end();
    note(life);
  }
  void note(const Life& life) {
    const auto partitions = life.engine->partitions();
    ASSERT_EQ(partitions.size(), 1U);
    state.clear();
    partitions[0]->save(state);
    has_incident = false;
    partitions[0]->each_entity([this](const Partition::EntityView& entity) {
      has_incident = has_incident || entity.has_incident;
    });
  }
  PartitionMark mark() const {
    return *PartitionMark::parse(log.committed(kApp, kInput, 0)->metadata);
  }

  MemoryLog log;
  std::string state;  ///< Of the last life.
  bool has_incident = false;
  int appended = 0;
  std::uint64_t owner = 0;
};

TEST_F(GapTest, AnIncidentGoesOnOverInputThatExpiredUnread) {
  fail();
  live_to_the_end();
  ASSERT_TRUE(has_incident);
  append(50, 5);
  log.trim(kInput, 0, 411);

  ASSERT_EQ(live(), "");
  EXPECT_TRUE(has_incident) << "nobody knows of the hours between";

  append(1, 6);
  append(1, 7);
  ASSERT_EQ(live(), "");
  EXPECT_FALSE(has_incident) << "an hour of which everything is known";
}

TEST_F(GapTest, AnIncidentGoesOnUnderAnotherConfigurationToo) {
  fail();
  live_to_the_end();
  append(50, 5);
  log.trim(kInput, 0, 411);
  StreamSettings changed = stream();
  changed.features.push_back({.name = "y", .field = "/y"});

  Life life(log, flow(), "one", nullptr, changed);
  ASSERT_EQ(life.drain(), "");
  note(life);

  EXPECT_TRUE(has_incident);
}

TEST_F(GapTest, AnIncidentEndsWhereNothingIsGone) {
  fail();
  live_to_the_end();
  append(50, 5);
  ASSERT_EQ(live(), "");
  EXPECT_FALSE(has_incident);
}

TEST_F(GapTest, TheStateAfterItIsTheSameInEveryLife) {
  fail();
  live_to_the_end();
  append(50, 5);
  log.trim(kInput, 0, 411);
  ASSERT_EQ(live(), "");
  const std::string once = state;
  ASSERT_EQ(live(), "") << "from the snapshot before the gap";
  EXPECT_EQ(state, once);

  live_to_the_end();
  EXPECT_EQ(state, once);
  EXPECT_FALSE(mark().resumed);
  ASSERT_EQ(live(), "") << "from a snapshot after it";
  EXPECT_EQ(state, once);
}

TEST_F(GapTest, IsThereInTheNextLifeToWhereNothingCameAfterIt) {
  fail();
  live_to_the_end();
  append(10, 5);
  log.trim(kInput, 0, 411);
  ASSERT_EQ(live(), "");
  append(5, 9);

  ASSERT_EQ(live(), "");

  EXPECT_TRUE(has_incident);
}

TEST_F(GapTest, WhoeverGoesOnWithoutInputThatTheStateNeedsHasOneToo) {
  fail();
  live_to_the_end();
  append(10, 0);
  ASSERT_EQ(live(), "");
  ASSERT_EQ(mark().since.count, 10U);
  append(20, 5);
  log.trim(kInput, 0, 409);

  EXPECT_NE(live(), "");
  ASSERT_EQ(live(OnGap::proceed), "");
  EXPECT_TRUE(has_incident);
  EXPECT_EQ(mark().resumed, 409);
  const std::string once = state;
  ASSERT_EQ(live(), "") << "told once";
  EXPECT_EQ(state, once);
}

TEST_F(GapTest, AStateWithAGapIsKeptOverARebalance) {
  fail();
  live_to_the_end();
  append(10, 0);
  ASSERT_EQ(live(), "");
  append(20, 5);
  log.trim(kInput, 0, 409);
  Life life(log, flow(OnGap::proceed));
  ASSERT_EQ(life.drain(), "");
  ASSERT_EQ(mark().sequence, 401 + 10 - 8 + 20) << "of records that it has seen";

  log.create_topic(kInput, 2);
  life.step_on();
  ASSERT_EQ(life.drain(), "");

  EXPECT_EQ(life.observer.kept, 1);
}

TEST_F(GapTest, ASmallOneDoesNotEndALargeOneBefore) {
  fail();
  live_to_the_end();
  append(100, 0);
  ASSERT_EQ(live(), "");
  log.trim(kInput, 0, 481);
  ASSERT_EQ(live(OnGap::proceed), "");
  ASSERT_EQ(mark().gap_until, 501 + 80);
  append(10, 0);
  live_to_the_end();
  append(10, 0);
  ASSERT_EQ(live(), "");
  log.trim(kInput, 0, 515);
  ASSERT_EQ(live(OnGap::proceed), "");

  EXPECT_EQ(mark().gap_until, 501 + 80) << "not 521 + 4";
}

TEST_F(GapTest, TheJournalSaysFromWhereToWhere) {
  fail();
  live_to_the_end();
  append(10, 0);
  ASSERT_EQ(live(), "");
  log.trim(kInput, 0, 409);
  ASSERT_EQ(live(OnGap::proceed), "");

  std::optional<JournalEntry> gap;
  for (const StoredRecord& record : log.read(state_topic_of(kApp, kInput), 0, 0)) {
    const auto stored = StateRecord::decode(*record.value);
    ASSERT_TRUE(stored);
    const auto* entry = std::get_if<JournalEntry>(&stored->content);
    if (entry != nullptr && entry->kind == JournalEntry::Kind::gap) gap = *entry;
  }
  ASSERT_TRUE(gap);
  EXPECT_EQ(gap->input_offset, 401);
  EXPECT_EQ(gap->gap_end, 409);
}

class RecreatedTest : public GapTest {
 protected:
  /// Ten records beyond a snapshot that knows of an incident; then the topic is another.
  void recreate() {
    fail();
    live_to_the_end();
    append(10, 0);
    ASSERT_EQ(live(), "");
    ASSERT_EQ(mark().since.count, 10U);
    (void)log.take("scores", 0);
    log.recreate(kInput);
  }
  std::string statuses() {
    std::string text;
    const std::string before = R"("status":")";
    for (const StoredRecord& score : log.take("scores", 0)) {
      const std::size_t begin = score.value->find(before) + before.size();
      text += score.value->substr(begin, score.value->find('"', begin) - begin) + ",";
    }
    return text;
  }
  /// The first commit does not happen, and its daemon does not know.
  FaultHook lose_a_commit() {
    return [this](WriterCall call) -> Fault {
      if (call != WriterCall::commit || std::exchange(has_lost_a_commit, true)) return {};
      return {.status = WriteStatus::reopen, .takes_effect = false};
    };
  }

  bool has_lost_a_commit = false;
};

TEST_F(RecreatedTest, GoesOnWithWhatWasLearnedAtTheFirstRecord) {
  recreate();
  append(12, 5);
  EXPECT_NE(live().find("the topic was recreated"), std::string::npos);

  ASSERT_EQ(live(OnGap::proceed), "");

  EXPECT_EQ(statuses(), "gap,gap,gap,gap,gap,gap,gap,gap,gap,gap,scored,scored,")
      << "as many as the state lacks";
  EXPECT_TRUE(has_incident) << "a gap is no evidence";
  EXPECT_EQ(mark().sequence, 401 + 12);
  EXPECT_EQ(mark().resumed, 0);
  EXPECT_EQ(mark().since.count, 12U);
}

TEST_F(RecreatedTest, IsTheSameInEveryLaterLife) {
  recreate();
  append(5, 5);
  ASSERT_EQ(live(OnGap::proceed), "");
  const std::string once = state;
  ASSERT_EQ(live(), "") << "told once";
  EXPECT_EQ(state, once);
  live_to_the_end();
  EXPECT_FALSE(mark().resumed);
  EXPECT_EQ(mark().snapshot->input_offset, 5);
  ASSERT_EQ(live(), "");
  EXPECT_EQ(state, once);
}

TEST_F(RecreatedTest, IsKnownForOneBeforeItsFirstRecord) {
  recreate();
  ASSERT_EQ(live(OnGap::proceed), "");
  EXPECT_EQ(log.committed(kApp, kInput, 0)->offset, 0);
  append(500, 5);  // Longer than the old one.

  ASSERT_EQ(live(), "");

  EXPECT_EQ(mark().sequence, 401 + 500);
  EXPECT_EQ(log.read("scores", 0, 0).size(), 500U) << "none of it was taken for handled";
}

TEST_F(RecreatedTest, OfWholeStateIsKnownForOneBeforeItsFirstRecordToo) {
  fail();
  live_to_the_end();
  log.recreate(kInput);
  ASSERT_EQ(live(OnGap::proceed), "");
  EXPECT_EQ(log.committed(kApp, kInput, 0)->offset, 0);
}

TEST_F(RecreatedTest, IsNotTakenForCommittedByTheOffsetOfTheOldOne) {
  recreate();
  append(5, 5);
  Life life(log, flow(OnGap::proceed), "one", lose_a_commit());

  ASSERT_EQ(life.drain(), "");

  EXPECT_TRUE(has_lost_a_commit);
  EXPECT_EQ(log.read("scores", 0, 0).size(), 5U);
}

TEST_F(RecreatedTest, OfWholeStateNothingIsMissing) {
  fail();
  live_to_the_end();
  (void)log.take("scores", 0);
  log.recreate(kInput);
  append(3, 5);

  ASSERT_EQ(live(OnGap::proceed), "");

  EXPECT_EQ(statuses(), "scored,scored,scored,");
  EXPECT_TRUE(has_incident);
}

TEST_F(RecreatedTest, WhatWasMissingIsMissingAfterASecondTimeToo) {
  recreate();
  append(3, 5);
  ASSERT_EQ(live(OnGap::proceed), "");
  live_to_the_end();
  ASSERT_EQ(mark().since.count, 0U) << "a snapshot that lacks as much as before";
  (void)log.take("scores", 0);
  log.recreate(kInput);
  append(2, 6);
  ASSERT_EQ(live(OnGap::proceed), "");
  append(7, 7);
  ASSERT_EQ(live(), "");

  EXPECT_EQ(statuses(), "gap,gap,gap,gap,gap,gap,gap,scored,scored,");
}

TEST_F(RecreatedTest, WithoutASnapshotItBeginsWithNothing) {
  fail();
  const auto reset = CommittedOffset{.offset = 401, .metadata = std::string(kNewLineageWords)};
  log.set_committed(kApp, kInput, 0, reset);
  log.recreate(kInput);
  append(3, 5);

  ASSERT_EQ(live(OnGap::proceed), "");

  EXPECT_EQ(mark().sequence, 3U);
  EXPECT_EQ(mark().lineage_offset, 0);
}

TEST_F(RecreatedTest, AResetOfTheOldOneIsNotTakenForACommitOfTheNewOne) {
  fail();
  const auto reset = CommittedOffset{.offset = 401, .metadata = std::string(kNewLineageWords)};
  log.set_committed(kApp, kInput, 0, reset);
  log.recreate(kInput);
  append(3, 5);
  Life life(log, flow(OnGap::proceed), "one", lose_a_commit());

  ASSERT_EQ(life.drain(), "");

  EXPECT_TRUE(has_lost_a_commit);
  EXPECT_EQ(log.read("scores", 0, 0).size(), 3U);
}

TEST_F(RecreatedTest, GoesOnWithoutTransactionsToo) {
  recreate();
  append(5, 5);
  FlowSettings settings = flow(OnGap::proceed);
  settings.is_exact = false;
  {
    Life life(log, settings);
    ASSERT_EQ(life.drain(), "");
    note(life);
  }
  const std::string once = state;
  settings = flow();
  settings.is_exact = false;
  Life life(log, settings);
  ASSERT_EQ(life.drain(), "");
  note(life);
  EXPECT_EQ(state, once);
}

}  // namespace
}  // namespace tocsin
