// Input that is gone: the time of it is no evidence, and every later life knows of it.

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "pipeline/flow/life_fixture.h"
#include "pipeline/snapshot/partition_mark.h"

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
  log.trim(kInput, 0, 311);

  ASSERT_EQ(live(), "");
  EXPECT_TRUE(has_incident) << "nobody knows of the hours between";

  append(1, 6);
  append(1, 7);
  ASSERT_EQ(live(), "");
  EXPECT_FALSE(has_incident) << "an hour of which everything is known";
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
  log.trim(kInput, 0, 311);
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
  log.trim(kInput, 0, 311);
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
  log.trim(kInput, 0, 309);

  EXPECT_NE(live(), "");
  ASSERT_EQ(live(OnGap::proceed), "");
  EXPECT_TRUE(has_incident);
  EXPECT_EQ(mark().resumed, 309);
  const std::string once = state;
  ASSERT_EQ(live(), "") << "told once";
  EXPECT_EQ(state, once);
}

}  // namespace
}  // namespace tocsin
