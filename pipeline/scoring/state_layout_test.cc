#include "pipeline/scoring/state_layout.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "pipeline/scoring/rich_stream_fixture.h"

namespace tocsin {
namespace {

TEST(StateLayout, IsReadAsItWasWritten) {
  const auto plan = plan_of(rich_stream());
  const StateLayout layout = StateLayout::of(plan->inside());

  const auto read = StateLayout::from(layout.flat());

  ASSERT_TRUE(read);
  EXPECT_EQ(read->flat(), layout.flat());
  EXPECT_EQ(read->blocks.size(), layout.blocks.size());
  EXPECT_EQ(read->features, (std::vector<std::string>{"v", "w"}));
}

TEST(StateLayout, CoversTheStateWithoutOverlap) {
  const auto plan = plan_of(rich_stream());
  const StateLayout layout = StateLayout::of(plan->inside());

  for (const auto home : {StateBlock::Home::entity, StateBlock::Home::shared}) {
    std::set<std::pair<std::uint64_t, std::uint64_t>> places;
    for (const StateBlock& block : layout.blocks) {
      if (block.home == home) places.emplace(block.offset, block.bytes);
    }
    std::uint64_t end = 0;
    for (const auto& [offset, bytes] : places) {
      EXPECT_GE(offset, end);
      EXPECT_LT(offset, end + 64) << "only padding between blocks";
      end = offset + bytes;
    }
    const std::uint64_t all =
        home == StateBlock::Home::entity ? layout.payload_bytes : layout.shared_bytes;
    EXPECT_LE(end, all);
    EXPECT_GT(end + 64, all);
  }
}

TEST(StateLayout, OfAnyBytesIsRefusedOrLiesWithinItsHome) {
  const std::string good = StateLayout::of(plan_of(rich_stream())->inside()).flat();
  std::mt19937_64 random(5);
  int refused = 0;
  for (int i = 0; i < 3000; ++i) {
    std::string bytes = good;
    if (i % 3 == 0) bytes.resize(random() % bytes.size());
    if (i % 3 != 0) bytes[random() % bytes.size()] = static_cast<char>(random());
    const auto read = StateLayout::from(bytes);
    if (!read) {
      ++refused;
      continue;
    }
    for (const StateBlock& block : read->blocks) {
      if (block.home == StateBlock::Home::group) continue;
      const std::uint64_t home =
          block.home == StateBlock::Home::entity ? read->payload_bytes : read->shared_bytes;
      ASSERT_LE(block.bytes, home);
      ASSERT_LE(block.offset, home - block.bytes);
    }
  }
  EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace tocsin
