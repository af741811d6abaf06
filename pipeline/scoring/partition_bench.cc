#include <benchmark/benchmark.h>

#include <vector>

#include "pipeline/scoring/scoring_fixture.h"

namespace tocsin {
namespace {

/// Counts, writes nothing.
class CountingSink final : public OutcomeSink {
 public:
  void scored(const ScoredEvent& event) override { scored_ += event.warming_up ? 0 : 1; }
  void alert(const Alert&, const ScoredEvent&) override {}
  void rejected(const Source&, const Batch&, std::size_t) override {}
  std::uint64_t count() const { return scored_; }

 private:
  std::uint64_t scored_ = 0;
};

std::vector<Batch> batches_of(std::uint64_t entities, std::size_t events) {
  Noise noise(7);
  std::vector<Batch> batches;
  for (std::size_t i = 0; i < events; ++i) {
    if (batches.empty() || batches.back().full()) {
      batches.emplace_back().reset(Batch::Kind::rows, 1, 1, 0);
    }
    const std::string entity = "customer-" + std::to_string(noise.bits() % entities);
    add_event(batches.back(),
              {.entity = entity,
               .time_ms = static_cast<std::int64_t>(i),
               .values = {noise.normal()},
               .group = {}},
              static_cast<std::int64_t>(i));
  }
  return batches;
}

void handle(benchmark::State& state, std::vector<std::string_view> detectors) {
  const auto entities = static_cast<std::uint64_t>(state.range(0));
  std::vector<DetectorSettings> settings;
  for (const std::string_view name : detectors) {
    settings.push_back(detector_of(*find_detector(name)));
  }
  StreamSettings stream = stream_of({"amount"}, settings);
  stream.partition_max_bytes = 256U << 20U;
  stream.sensitivity.probability = 1e-4;
  InlineRefits refits;
  StreamCounters counters(detectors.size());
  Partition partition(plan_of(stream), {.topic = "t", .number = 0}, refits, counters, nullptr);
  const std::vector<Batch> batches = batches_of(entities, entities * 10);
  CountingSink sink;
  for (int round = 0; round < 5; ++round) {
    for (const Batch& batch : batches) partition.handle(batch, sink);
  }
  if (counters.entities_warm.value() < entities * 9 / 10) {
    state.SkipWithError("entities are not warm");
  }

  std::size_t next = 0;
  std::int64_t handled = 0;
  for (auto _ : state) {
    partition.handle(batches[next], sink);
    handled += static_cast<std::int64_t>(batches[next].rows.size());
    next = (next + 1) % batches.size();
  }
  state.SetItemsProcessed(handled);
}

BENCHMARK_CAPTURE(handle, spike, {"spike"})
    ->Name("scoring/partition/handle/spike")
    ->ArgName("entities")
    ->Arg(100)
    ->Arg(100'000);

}  // namespace
}  // namespace tocsin
