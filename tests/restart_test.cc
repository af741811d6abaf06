// Promise 1 on the log in memory: lives that end anywhere leave what one unbroken life leaves.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/pipeline_run.h"

namespace tocsin {
namespace {

constexpr std::uint64_t kSeed = 20'261'121;
constexpr int kEvents = 8'000;

FlowSettings flow(int workers, std::uint64_t snapshot_records) {
  return {.workers = workers, .epoch_ms = 5, .snapshot_records = snapshot_records};
}

const PipelineResult& unbroken() {
  static const PipelineResult result = run_stepwise(demanding_case(kSeed, kEvents), flow(1, 0));
  return result;
}

void expect_same(const PipelineResult& result) {
  ASSERT_EQ(result.outputs.size(), unbroken().outputs.size());
  for (const auto& [source, bytes] : unbroken().outputs)
    EXPECT_TRUE(result.outputs.at(source) == bytes) << "outputs of " << source << " differ";
  ASSERT_EQ(result.states.size(), unbroken().states.size());
  for (const auto& [source, bytes] : unbroken().states)
    EXPECT_TRUE(result.states.at(source) == bytes) << "state of " << source << " differs";
}

PipelineResult run(const std::vector<Life>& lives) {
  return run_in_lives(demanding_case(kSeed, kEvents), lives);
}

TEST(Restart, KeepingStateChangesNothing) { expect_same(run({{.settings = flow(1, 100)}})); }

TEST(Restart, AfterAnOrderlyEndNothingIsReplayedAndNothingDiffers) {
  const PipelineResult result =
      run({{.settings = flow(1, 0), .steps = 15, .ends_well = true}, {.settings = flow(2, 0)}});
  expect_same(result);
  EXPECT_LT(result.replayed, 1U);
}

TEST(Restart, AfterACrashTheStateComesFromTheSnapshotAndTheInputSince) {
  const PipelineResult result =
      run({{.settings = flow(1, 50), .steps = 150}, {.settings = flow(1, 50)}});
  expect_same(result);
  EXPECT_GT(result.replayed, 0U);
  EXPECT_LT(result.replayed, static_cast<std::uint64_t>(kEvents) / 2);
}

TEST(Restart, ManyLivesOfAnyLengthGiveTheSameBytes) {
  for (int length = 1; length <= 33; length += 8) {
    std::vector<Life> lives;
    for (int i = 0; i < 12; ++i)
      lives.push_back({.settings = flow(1 + i % 3, 100 + 70 * static_cast<std::uint64_t>(i)),
                       .steps = length + 5 * i,
                       .ends_well = i % 5 == 4});
    lives.push_back({.settings = flow(1, 100)});
    SCOPED_TRACE("lives of " + std::to_string(length) + " steps and more");
    expect_same(run(lives));
  }
}

}  // namespace
}  // namespace tocsin
