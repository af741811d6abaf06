#include <benchmark/benchmark.h>

#include <vector>

#include "pipeline/scoring/rich_stream_fixture.h"
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
  stream.sensitivity = Sensitivity::per_event(1e-4);
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

/// A partition that knows so many entities.
struct Filled {
  explicit Filled(std::uint64_t entities)
      : plan([] {
          StreamSettings stream = stream_of({"amount"}, {detector_of(*find_detector("spike"))});
          stream.partition_max_bytes = std::size_t{512} << 20U;
          return plan_of(stream);
        }()),
        partition(plan, {.topic = "t", .number = 0}, refits, counters, nullptr) {
    CountingSink sink;
    Batch batch;
    for (std::uint64_t i = 0; i < entities; ++i) {
      if (i % 512 == 0) batch.reset(Batch::Kind::rows, 1, 1, 0);
      add_event(batch,
                {.entity = "customer-" + std::to_string(i),
                 .time_ms = static_cast<std::int64_t>(i),
                 .values = {1. * static_cast<double>(i % 7)},
                 .group = {}},
                static_cast<std::int64_t>(i));
      if (i % 512 == 511 || i + 1 == entities) partition.handle(batch, sink);
    }
  }

  std::shared_ptr<const StreamPlan> plan;
  InlineRefits refits;
  StreamCounters counters{1};
  Partition partition;
};

/// A whole cut: every chunk copied and sealed.
void cut(benchmark::State& state) {
  const auto entities = static_cast<std::uint64_t>(state.range(0));
  Filled filled(entities);
  std::size_t chunks = 0;
  for (auto _ : state) {
    std::string head = filled.partition.begin_cut(CutScope::whole);
    while (filled.partition.copy_some(64)) chunks += filled.partition.take_copied().size();
    chunks += filled.partition.take_copied().size();
    benchmark::DoNotOptimize(head);
  }
  if (chunks < entities / 64) state.SkipWithError("nothing was cut");
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(entities));
}

/// From head and chunks to a partition that handles events.
void restore(benchmark::State& state) {
  const auto entities = static_cast<std::uint64_t>(state.range(0));
  KeptCuts kept;
  std::shared_ptr<const StreamPlan> plan;
  {
    Filled filled(entities);
    plan = filled.plan;
    kept.head = filled.partition.begin_cut(CutScope::whole);
    filled.partition.copy_some(entities);
    kept.keep(filled.partition.take_copied());
  }
  InlineRefits refits;
  StreamCounters counters(1);
  for (auto _ : state) {
    Partition partition(plan, {.topic = "t", .number = 0}, refits, counters, nullptr);
    const auto report = kept.restore(partition);
    if (!report || report->entities != entities) state.SkipWithError("not restored");
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(entities));
}

constexpr int kAMillion = 1'000'000;
BENCHMARK(cut)
    ->Name("scoring/partition/cut")
    ->ArgName("entities")
    ->Arg(100'000)
    ->Arg(kAMillion)
    ->Unit(benchmark::kMillisecond);
BENCHMARK(restore)
    ->Name("scoring/partition/restore")
    ->ArgName("entities")
    ->Arg(100'000)
    ->Arg(kAMillion)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(handle, spike, {"spike"})
    ->Name("scoring/partition/handle/spike")
    ->ArgName("entities")
    ->Arg(100)
    ->Arg(100'000);

}  // namespace
}  // namespace tocsin
