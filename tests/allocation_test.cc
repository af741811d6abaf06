// No allocation per event in steady state: counted, over the whole pipeline.

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "pipeline/flow/engine.h"
#include "pipeline/flow/quiet_observer.h"
#include "pipeline/scoring/inline_refits.h"
#include "tests/pipeline_run.h"

namespace {

std::atomic<std::uint64_t> allocations{0};

}  // namespace

void* operator new(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  void* memory = std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  const auto boundary = static_cast<std::size_t>(alignment);
  void* memory = std::aligned_alloc(boundary, (size + boundary - 1) / boundary * boundary);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
// The forms without exceptions too: a sanitizer has its own, which ours must not be mixed with.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return std::malloc(size);
}
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

namespace tocsin {
namespace {

/// Delivers prepared events as views, without copying.
class PreparedReader final : public LogReader {
 public:
  explicit PreparedReader(const PipelineCase& input) : input_(input) {
    for (const auto& [topic, partitions] : input.topics)
      for (std::int32_t p = 0; p < partitions; ++p)
        places_.push_back({static_cast<PartitionHandle>(places_.size()), topic, p});
    next_.resize(places_.size());
    for (const InputEvent& e : input.events)
      for (const Assignment& place : places_)
        if (place.topic == e.topic && place.partition == e.partition)
          handles_.push_back(place.handle);
  }

  Result<bool> is_member() override { return true; }
  Result<std::size_t> poll(ReadSink& sink, std::size_t records_max) override {
    if (!std::exchange(is_assigned_, true)) {
      sink.assigned(places_, nullptr);
      return std::size_t{0};
    }
    std::size_t count = 0;
    for (; count < records_max && at_ < input_.events.size(); ++count, ++at_) {
      const InputEvent& e = input_.events[at_];
      const PartitionHandle handle = handles_[at_];
      sink.record({.partition = handle,
                   .offset = next_[static_cast<std::size_t>(handle)]++,
                   .timestamp_ms = e.timestamp_ms,
                   .key = e.key,
                   .value = e.value});
    }
    return count;
  }
  Result<void> start(PartitionHandle, std::int64_t) override { return {}; }
  void pause(std::span<const PartitionHandle>) override {}
  void resume(std::span<const PartitionHandle>) override {}
  void release() override {}
  Result<std::optional<CommittedOffset>> committed(PartitionHandle) override {
    return std::optional<CommittedOffset>();
  }
  Result<Watermarks> watermarks(PartitionHandle) override { return Watermarks{}; }
  std::optional<std::int64_t> last_high(PartitionHandle) const override { return std::nullopt; }
  void wait(std::chrono::milliseconds) override {}
  void close() override {}

  std::size_t delivered() const { return at_; }

 private:
  const PipelineCase& input_;
  std::vector<Assignment> places_;
  std::vector<PartitionHandle> handles_;  // [events]
  std::vector<std::int64_t> next_;        // [partitions]
  std::size_t at_ = 0;
  bool is_assigned_ = false;
};

/// Takes everything and keeps nothing but its size.
class CountingWriter final : public LogWriter {
 public:
  WriteOutcome open() override { return {}; }
  WriteOutcome begin() override { return {}; }
  std::size_t produce(std::span<const WriteRecord> records) override {
    written += records.size();
    return records.size();
  }
  WriteOutcome flush() override { return {}; }
  std::span<const RefusedRecord> refused() const override { return {}; }
  std::span<const PlacedRecord> placed() const override { return {}; }
  WriteOutcome send_offsets(std::span<const OffsetToCommit>, const GenerationRef&) override {
    return {};
  }
  WriteOutcome commit() override { return {}; }
  WriteOutcome abort() override { return {}; }

  std::size_t written = 0;
};

TEST(Allocation, NoneIsMadeForAnEventInSteadyState) {
  constexpr std::size_t kEvents = 120'000;
  const PipelineCase input = demanding_case(7, kEvents);
  PreparedReader reader(input);
  CountingWriter writer;
  QuietObserver observer;
  InlineRefits refits;
  std::vector<std::shared_ptr<const StreamPlan>> plans;
  for (const StreamSettings& stream : input.streams)
    plans.push_back(*StreamPlan::make(stream, input.outputs.detail));
  Engine engine({.streams = input.streams,
                 .plans = plans,
                 .outputs = input.outputs,
                 .identity = {"0123456789abcdef", "test"},
                 .settings = {.workers = 2, .epoch_ms = 5},
                 .reader = reader,
                 .writer = writer,
                 .refits = refits,
                 .observer = observer});
  std::int64_t now_ns = 0;
  const auto run_until = [&](std::size_t delivered) {
    while (reader.delivered() < delivered) {
      ASSERT_NE(engine.step(now_ns), Step::failed);
      now_ns += 1'000'000;
    }
  };

  run_until(kEvents / 2);
  const std::size_t written_before = writer.written;
  const std::uint64_t before = allocations.load();
  run_until(kEvents);
  const std::uint64_t during = allocations.load() - before;

  // What is left is by epoch, by refit and by growth of an entity table to its budget.
  EXPECT_GT(writer.written - written_before, kEvents * 4 / 10);
  EXPECT_LT(during, kEvents / 2 / 100) << "allocations for " << kEvents / 2 << " events";
}

}  // namespace
}  // namespace tocsin
