// In steady state, handling events allocates nothing.

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "pipeline/scoring/scoring_fixture.h"

namespace {

std::atomic<long> allocations{0};

void* counted(std::size_t bytes, std::size_t alignment) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  const std::size_t rounded = (bytes + alignment - 1) / alignment * alignment;
  void* memory = std::aligned_alloc(alignment, rounded == 0 ? alignment : rounded);
  if (memory == nullptr) std::abort();
  return memory;
}

}  // namespace

void* operator new(std::size_t bytes) { return counted(bytes, alignof(std::max_align_t)); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return counted(bytes, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

namespace tocsin {
namespace {

class CountingSink final : public OutcomeSink {
 public:
  void scored(const ScoredEvent& event) override { anomalies += event.is_anomaly ? 1 : 0; }
  void alert(const Alert&, const ScoredEvent&) override { ++alerts; }
  void rejected(const Source&, const Batch&, std::size_t) override {}

  int anomalies = 0;
  int alerts = 0;
};

Batch noisy_batch(Noise& noise, int rows) {
  Batch batch;
  batch.reset(Batch::Kind::rows, 1, 2, 1);
  for (int i = 0; i < rows; ++i) {
    const double size = noise.bits() % 100 == 0 ? 20 : 1;
    add_event(batch,
              {.entity = "an-entity-with-a-rather-long-name-" + std::to_string(noise.bits() % 3000),
               .time_ms = i * 100LL,
               .values = {size * noise.normal(), noise.normal()},
               .group = "group-" + std::to_string(noise.bits() % 20)},
              i);
  }
  return batch;
}

TEST(Allocation, HappensNotInSteadyState) {
  StreamSettings settings = stream_of(
      {"v", "w"}, {detector_of(*find_detector("spike")), detector_of(*find_detector("range")),
                   detector_of(kEcho, Scope::stream), detector_of(kEcho, Scope::group)});
  settings.features[0].transforms = {Transform::diff};
  settings.detectors[1].features = {"w"};
  settings.sensitivity = Sensitivity::per_event(1e-2);
  settings.partition_max_bytes = 300'000;
  InlineRefits refits;
  StreamCounters counters(4);
  Partition partition(plan_of(settings, Detail::full), {.topic = "t", .number = 0}, refits,
                      counters, nullptr);
  Noise noise(8);
  CountingSink sink;
  for (int i = 0; i < 40; ++i) partition.handle(noisy_batch(noise, 512), sink);
  std::vector<Batch> batches;
  for (int i = 0; i < 20; ++i) batches.push_back(noisy_batch(noise, 512));
  const CountingSink before = sink;
  const std::uint64_t evictions = counters.evictions.value();

  const long allocated = allocations.load();
  for (const Batch& batch : batches) partition.handle(batch, sink);
  const bool is_cutting = partition.is_cutting() || partition.copy_some(8);

  EXPECT_EQ(allocations.load(), allocated);
  EXPECT_FALSE(is_cutting);
  EXPECT_GT(sink.anomalies, before.anomalies);
  EXPECT_GT(sink.alerts, before.alerts);
  EXPECT_GT(counters.evictions.value(), evictions);
}

}  // namespace
}  // namespace tocsin
