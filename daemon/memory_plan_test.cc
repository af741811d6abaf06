#include "daemon/memory_plan.h"

#include <gtest/gtest.h>

namespace tocsin {
namespace {

constexpr std::size_t kMiB = 1U << 20U;

TEST(MemoryPlan, AddsUpEveryPart) {
  const MemoryPlan plan = plan_memory({.partition_bytes = 10 * kMiB,
                                       .partitions = 3,
                                       .lanes = 1,
                                       .fetch_queue_bytes = 8 * kMiB,
                                       .workers = 2,
                                       .ring_batches = 4,
                                       .batch_bytes = kMiB,
                                       .epoch_bytes = 16 * kMiB,
                                       .producer_queue_bytes = 2 * kMiB},
                                      200 * kMiB);

  // 30 state, 10 copy, 8 fetch, 8 batches in rings and 3 being filled, 32 epochs, 2 producer, 48
  // program.
  EXPECT_EQ(plan.sum_bytes, 141 * kMiB);
  EXPECT_TRUE(plan.fits());
  // (200 - 108) / (10 + 1), whole.
  EXPECT_EQ(plan.partitions_max, 8U);
}

TEST(MemoryPlan, DoesNotFitWhereTheSumIsMoreThanAllowed) {
  const MemoryPlan plan = plan_memory({.partition_bytes = 100 * kMiB, .partitions = 2}, 300 * kMiB);

  EXPECT_FALSE(plan.fits());
  EXPECT_EQ(plan.partitions_max, 1U);
}

TEST(MemoryPlan, HasRoomForNoPartitionWhereTheRestIsTooMuch) {
  EXPECT_EQ(plan_memory({.partition_bytes = kMiB, .partitions = 1}, kMiB).partitions_max, 0U);
}

TEST(MemoryPlan, IsATableThatPeopleCanRead) {
  const std::string table =
      memory_table(plan_memory({.partition_bytes = 64 * kMiB, .partitions = 8}, 1024 * kMiB));

  EXPECT_NE(table.find("  state of 8 partitions                            512 MiB\n"),
            std::string::npos)
      << table;
  EXPECT_NE(table.find("allowed (memory.max_bytes)                         1 GiB\n"),
            std::string::npos)
      << table;
}

TEST(BytesText, UsesTheUnitThatFits) {
  EXPECT_EQ(bytes_text(0), "0 B");
  EXPECT_EQ(bytes_text(1023), "1023 B");
  EXPECT_EQ(bytes_text(1536), "1.5 KiB");
  EXPECT_EQ(bytes_text(64 * kMiB), "64 MiB");
}

TEST(CountText, GroupsDigitsByThree) {
  EXPECT_EQ(count_text(7), "7");
  EXPECT_EQ(count_text(80'659), "80,659");
  EXPECT_EQ(count_text(1'000'000), "1,000,000");
}

}  // namespace
}  // namespace tocsin
