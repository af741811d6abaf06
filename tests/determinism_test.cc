// Promise 2: the same bytes in, the same bytes out.

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/pipeline_run.h"

namespace tocsin {
namespace {

constexpr std::uint64_t kSeed = 20'261'121;
constexpr int kEvents = 60'000;

FlowSettings flow(int workers, std::size_t batch_rows) {
  FlowSettings settings;
  settings.workers = workers;
  settings.batch_rows_max = batch_rows;
  settings.epoch_ms = 20;
  return settings;
}

/// One run that all others are compared with.
const PipelineResult& reference() {
  static const PipelineResult result = run_stepwise(demanding_case(kSeed, kEvents), flow(1, 512));
  return result;
}

void expect_same(const PipelineResult& result) {
  ASSERT_EQ(result.outputs.size(), reference().outputs.size());
  for (const auto& [source, bytes] : reference().outputs)
    EXPECT_TRUE(result.outputs.at(source) == bytes) << "outputs of " << source << " differ";
  ASSERT_EQ(result.states.size(), reference().states.size());
  for (const auto& [source, bytes] : reference().states)
    EXPECT_TRUE(result.states.at(source) == bytes) << "state of " << source << " differs";
}

TEST(Determinism, TheCaseIsAsDemandingAsItClaims) {
  const PipelineResult& r = reference();

  EXPECT_EQ(r.states.size(), 12U);
  EXPECT_GT(r.entities + r.evictions, 10'000U);
  EXPECT_GT(r.evictions, 100U);
  EXPECT_GE(r.refits, 3U);
  EXPECT_GT(r.alerts, 10U);
  EXPECT_GT(r.alerts_open, 0U);
  EXPECT_GT(r.rejected, 300U);
  EXPECT_GT(r.tombstones, 10U);
  EXPECT_EQ(r.scored + r.warming_up + r.rejected + r.tombstones,
            static_cast<std::uint64_t>(kEvents));
}

TEST(Determinism, BatchesOfOneGiveTheSameBytes) {
  expect_same(run_stepwise(demanding_case(kSeed, kEvents), flow(1, 1)));
}

TEST(Determinism, TwoWorkersGiveTheSameBytes) {
  expect_same(run_stepwise(demanding_case(kSeed, kEvents), flow(2, 512)));
}

TEST(Determinism, FourWorkersAndBatchesOfOneGiveTheSameBytes) {
  expect_same(run_stepwise(demanding_case(kSeed, kEvents), flow(4, 1)));
}

TEST(Determinism, ThreadsGiveTheSameBytes) {
  expect_same(run_threaded(demanding_case(kSeed, kEvents), flow(1, 512)));
  expect_same(run_threaded(demanding_case(kSeed, kEvents), flow(2, 7)));
  expect_same(run_threaded(demanding_case(kSeed, kEvents), flow(4, 512)));
}

TEST(Determinism, TheCutOfEpochsChangesNothing) {
  FlowSettings settings = flow(2, 512);
  settings.epoch_records_max = 50;
  expect_same(run_threaded(demanding_case(kSeed, kEvents), settings));
}

/// The digest as another process finds it, with `environment` before its command.
std::string digest_in_process(const std::string& environment) {
  const std::string command = environment + " " + TOCSIN_DIGEST_PROGRAM + " " +
                              std::to_string(kSeed) + " " + std::to_string(kEvents);
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return "cannot start " + command;
  char buffer[64] = {};
  const bool has_read = std::fgets(buffer, sizeof buffer, pipe) != nullptr;
  if (pclose(pipe) != 0 || !has_read) return "failed: " + command;
  return buffer;
}

TEST(Determinism, HidingTheExtensionsOfTheProcessorChangesNothing) {
  const std::string here = digest(reference()) + "\n";

  EXPECT_EQ(digest_in_process("env"), here);
  EXPECT_EQ(digest_in_process("env SIMDJSON_FORCE_IMPLEMENTATION=fallback GLIBC_TUNABLES="
                              "glibc.cpu.hwcaps=-AVX,-AVX2,-AVX512F,-AVX512VL,-AVX512BW,-FMA,"
                              "-FMA4,-BMI2,-SSE4_2,-SSE4_1,-SSSE3,-ERMS,-MOVBE"),
            here);
}

TEST(Determinism, OtherEventsGiveOtherBytes) {
  EXPECT_NE(digest(run_stepwise(demanding_case(kSeed + 1, 6'000), flow(1, 512))),
            digest(run_stepwise(demanding_case(kSeed, 6'000), flow(1, 512))));
}

}  // namespace
}  // namespace tocsin
