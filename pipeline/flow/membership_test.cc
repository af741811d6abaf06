// What a daemon does when its group goes on without it.

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>

#include "pipeline/flow/life_fixture.h"
#include "pipeline/snapshot/partition_mark.h"

namespace tocsin {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

/// A life that has read what there is, and committed none of it.
class MembershipTest : public testing::Test {
 protected:
  MembershipTest() {
    for (MemoryLog* each : {&log, &undisturbed}) {
      each->create_topic(kInput, 2);
      for (const char* topic : {"scores", "alerts", "dead"}) each->create_topic(topic, 1);
      for (int i = 0; i < kRecords; ++i)
        each->append(kInput, i % 2, {.timestamp_ms = 1'700'000'000'000 + i, .value = R"({"x":1})"});
    }
  }

  std::unique_ptr<Life> life(const std::string& id, std::int64_t epoch_ms) {
    return std::make_unique<Life>(log, FlowSettings{.epoch_ms = epoch_ms, .owner = ++lives}, id);
  }
  static std::multiset<std::string> scores(const MemoryLog& of) {
    std::multiset<std::string> values;
    for (const StoredRecord& record : of.read("scores", 0, 0)) values.insert(*record.value);
    return values;
  }
  static void step(Life& life) {
    (void)life.engine->step(life.now_ns);
    life.now_ns += 1'000'000;
  }
  /// Until it has read everything that it is given.
  static void read_on(Life& life, std::uint64_t records) {
    while (life.engine->counters().records_read.value() < records) step(life);
  }
  std::int64_t committed() const {
    std::int64_t sum = 0;
    for (std::int32_t p = 0; p < 2; ++p) {
      const auto offset = log.committed(kApp, kInput, p);
      sum += offset ? offset->offset : 0;
    }
    return sum;
  }

  static constexpr int kRecords = 400;
  static constexpr std::int64_t kNever = 3'600'000;
  MemoryLog log;
  MemoryLog undisturbed;
  std::uint64_t lives = 0;
};

TEST_F(MembershipTest, SaysOfEveryPartitionAfterARebalanceThatItHasIt) {
  const auto one = life("one", 10);
  ASSERT_EQ(one->drain(), "");
  ASSERT_EQ(one->observer.began, 2);

  int kept = 0;
  for (int width = 3; width <= 5; ++width) {
    log.create_topic(kInput, width);  // A rebalance, after which the others are its own as before.
    one->step_on();
    ASSERT_EQ(one->drain(), "");

    EXPECT_EQ(one->observer.kept, kept += width - 1);
    EXPECT_EQ(one->observer.began, width);
  }
}

TEST_F(MembershipTest, KeepsOverARebalanceWhatItHasRestoredThoughNothingCame) {
  {
    const auto before = life("one", 10);
    ASSERT_EQ(before->drain(), "");
    before->end();
  }
  const auto one = life("one", 10);
  ASSERT_EQ(one->drain(), "");
  ASSERT_EQ(one->engine->counters().commits.value(), 0U);

  log.create_topic(kInput, 3);
  one->step_on();
  ASSERT_EQ(one->drain(), "");

  EXPECT_EQ(one->observer.kept, 2);
}

TEST_F(MembershipTest, DoesNotKeepWhatIsNotWhatIsCommitted) {
  const auto one = life("one", 10);
  ASSERT_EQ(one->drain(), "");
  for (std::int32_t p = 0; p < 2; ++p) {
    const auto committed = *log.committed(kApp, kInput, p);
    auto mark = *PartitionMark::parse(committed.metadata);
    mark.owner += p == 0 ? 100 : 0;  // Another was here, and came as far.
    mark.sequence -= p == 1 ? 1 : 0;
    CommittedOffset others{.offset = committed.offset, .metadata = {}};
    mark.append_to(others.metadata);
    log.set_committed(kApp, kInput, p, others);
  }

  log.create_topic(kInput, 3);
  one->step_on();

  EXPECT_EQ(one->observer.kept, 0);
}

TEST_F(MembershipTest, WhoIsExpelledWhileItHandsOverGivesUpAtOnce) {
  const auto one = life("one", 500);
  read_on(*one, kRecords);
  const auto two = life("two", 5);
  step(*two);
  step(*one);  // Hears that it has to hand over, and cuts its last epoch.
  ASSERT_EQ(one->engine->counters().commits.value(), 0U);
  log.expel(kApp, "one");

  const std::int64_t expelled_ns = one->now_ns;
  const auto is_over = [&] {
    return scores(log).size() == kRecords &&
           one->engine->counters().assigned_partitions.value() == 1;
  };
  while (!is_over() && one->now_ns - expelled_ns < 20 * kSecond) {
    step(*one);
    step(*two);
  }

  EXPECT_LT(one->now_ns - expelled_ns, 2 * kSecond) << "not after the drain timeout of 10 s";
  EXPECT_EQ(one->engine->failure(), "");
  Life alone(undisturbed, {.epoch_ms = 5, .owner = 9});
  ASSERT_EQ(alone.drain(), "");
  EXPECT_EQ(scores(log), scores(undisturbed));
  EXPECT_GT(scores(log).size(), 100U);
}

TEST_F(MembershipTest, WhoIsExpelledWhileItEndsEndsAtOnceAndInOrder) {
  const auto one = life("one", kNever);
  read_on(*one, kRecords);
  log.expel(kApp, "one");
  one->engine->begin_stop();

  const std::int64_t expelled_ns = one->now_ns;
  while (!one->engine->is_stopped() && one->now_ns - expelled_ns < 20 * kSecond) step(*one);

  EXPECT_LT(one->now_ns - expelled_ns, kSecond);
  EXPECT_EQ(one->engine->failure(), "");
  EXPECT_EQ(committed(), 0);
}

}  // namespace
}  // namespace tocsin
