#include <benchmark/benchmark.h>
#include <xxhash.h>

#include <cstdlib>
#include <cstring>
#include <random>
#include <vector>

#include "pipeline/state/slot_table.h"

namespace tocsin {
namespace {

constexpr std::size_t kPayload = 192;
constexpr std::size_t kEvents = 1U << 20U;
/// Events between asking for an index entry, asking for its slot, and the touch.
constexpr std::size_t kAhead = 12;

struct Event {
  std::string_view key;
  std::uint64_t hash = 0;
};

/// `keys` names, and kEvents of them drawn evenly, their text in the order of events as in a batch.
struct Events {
  explicit Events(std::size_t keys) {
    std::mt19937_64 random(1);
    for (std::size_t i = 0; i < keys; ++i) names.push_back("host-" + std::to_string(i));
    text.reserve(kEvents * 16);
    for (std::size_t i = 0; i < kEvents; ++i) {
      const std::string& name = names[random() % keys];
      text += name;
      events.push_back({std::string_view(text).substr(text.size() - name.size()),
                        XXH3_64bits(name.data(), name.size())});
    }
  }
  std::vector<std::string> names;
  std::string text;
  std::vector<Event> events;
};

std::size_t budget_for(std::size_t keys) {
  return keys * (SlotTable::slot_bytes_for(kPayload) + 32) + 100'000;
}

/// An update that reads and writes three lines of the payload.
void update(SlotTable& table, SlotIndex slot) {
  const State payload = table.write(slot);
  for (std::size_t at = 0; at < kPayload; at += 64) {
    std::uint64_t count = 0;
    std::memcpy(&count, payload.data() + at, sizeof count);
    ++count;
    std::memcpy(payload.data() + at, &count, sizeof count);
  }
}

enum class Prefetch { off, by_batch };

void touch(benchmark::State& state, std::size_t keys, Prefetch prefetch) {
  const Events of(keys);
  SlotTable table(kPayload, budget_for(keys));
  SilentEviction silent;
  std::uint64_t sequence = 0;
  for (const std::string& name : of.names) {
    table.touch(name, XXH3_64bits(name.data(), name.size()), ++sequence, silent);
  }
  if (table.size() != keys || table.evictions() != 0) std::abort();

  std::size_t at = 0;
  for (auto _ : state) {
    if (prefetch == Prefetch::by_batch) {
      table.prefetch_index(of.events[(at + 2 * kAhead) % kEvents].hash);
      table.prefetch_slot(of.events[(at + kAhead) % kEvents].hash);
    }
    const Event& event = of.events[at];
    update(table, table.touch(event.key, event.hash, ++sequence, silent).slot);
    at = (at + 1) % kEvents;
  }
  state.SetItemsProcessed(state.iterations());
  state.counters["bytes_per_key"] = static_cast<double>(table.bytes()) / static_cast<double>(keys);
}

/// Every event is a key never seen before, in a full table.
void flood(benchmark::State& state, std::size_t keys) {
  SlotTable table(kPayload, budget_for(keys));
  SilentEviction silent;
  std::uint64_t sequence = 0;
  std::mt19937_64 random(1);
  const auto touch_new = [&] {
    const std::uint64_t number = random();
    const std::string_view key(reinterpret_cast<const char*>(&number), sizeof number);
    update(table, table.touch(key, XXH3_64bits(&number, 8), ++sequence, silent).slot);
  };
  while (table.evictions() < 1000) touch_new();
  for (auto _ : state) touch_new();
  state.SetItemsProcessed(state.iterations());
}

/// From empty to `keys` keys, growing on the way.
void fill(benchmark::State& state, std::size_t keys) {
  const Events of(keys);
  SilentEviction silent;
  for (auto _ : state) {
    SlotTable table(kPayload, budget_for(keys));
    std::uint64_t sequence = 0;
    for (const std::string& name : of.names) {
      table.touch(name, XXH3_64bits(name.data(), name.size()), ++sequence, silent);
    }
    if (table.size() != keys) std::abort();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(keys));
}

[[maybe_unused]] const bool registered = [] {
  for (const std::size_t keys : {1'000U, 100'000U, 1'000'000U}) {
    const std::string of = "/keys:" + std::to_string(keys);
    benchmark::RegisterBenchmark(("state/slot_table/touch" + of).c_str(),
                                 [keys](auto& state) { touch(state, keys, Prefetch::by_batch); });
    benchmark::RegisterBenchmark(("state/slot_table/touch_without_prefetch" + of).c_str(),
                                 [keys](auto& state) { touch(state, keys, Prefetch::off); });
    benchmark::RegisterBenchmark(("state/slot_table/flood" + of).c_str(),
                                 [keys](auto& state) { flood(state, keys); });
    benchmark::RegisterBenchmark(("state/slot_table/fill" + of).c_str(),
                                 [keys](auto& state) { fill(state, keys); });
  }
  return true;
}();

}  // namespace
}  // namespace tocsin
