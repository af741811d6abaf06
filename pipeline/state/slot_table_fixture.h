// A slot table under test: touched by name, counting, remembering what it evicted.

#pragma once

#include <xxhash.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pipeline/state/slot_table.h"
#include "pipeline/state/slot_table_restore.h"

namespace tocsin {

inline constexpr std::size_t kPayload = 72;

inline std::uint64_t hash_of(std::string_view key) { return XXH3_64bits(key.data(), key.size()); }

inline std::string short_key(std::uint64_t n) { return "host-" + std::to_string(n); }
inline std::string long_key(std::uint64_t n) {
  return "/a/path/that/is/longer/than/fits/in/a/slot/" + std::to_string(n);
}

struct Silent final : EvictionListener {
  void evicting(std::string_view, ConstState) override {}
};

inline std::uint64_t number_in(ConstState payload) {
  std::uint64_t number = 0;
  std::memcpy(&number, payload.data(), sizeof number);
  return number;
}

inline void put(SlotTable& table, SlotIndex slot, std::uint64_t number) {
  std::memcpy(table.write(slot).data(), &number, sizeof number);
}

/// A table's state: its header, and its chunks by store and number.
struct SavedTable {
  using Place = std::pair<std::size_t, std::uint32_t>;

  TableHeader header;
  std::map<Place, std::vector<std::byte>> chunks;

  bool operator==(const SavedTable& other) const {
    return std::memcmp(&header, &other.header, sizeof header) == 0 && chunks == other.chunks;
  }
};

inline SavedTable saved(const SlotTable& table) {
  SavedTable saved{.header = table.saved_header()};
  for (std::size_t i = 0; i < SlotTable::kStores; ++i) {
    const ChunkStore& store = *table.stores().at(i);
    for (std::uint32_t c = 0; c < store.chunks(); ++c) {
      saved.chunks[{i, c}].assign(store.chunk(c).begin(), store.chunk(c).end());
    }
  }
  return saved;
}

/// Restores a table that has seen nothing.
inline Result<void> restore(const SavedTable& saved, SlotTable& table) {
  auto restore = SlotTableRestore::begin(saved.header, table);
  if (!restore) return restore.error();
  for (const auto& [place, bytes] : saved.chunks) {
    if (auto put = restore->put(place.first, place.second, bytes); !put) return put;
  }
  return restore->finish();
}

/// A table and the sequence of its touches; each payload counts the touches of its key.
struct Counting final : EvictionListener {
  explicit Counting(std::size_t bytes_max) : table(kPayload, bytes_max) {}

  bool touch(const std::string& key) {
    const auto [slot, is_new, last_seen] = table.touch(key, hash_of(key), ++sequence, *this);
    put(table, slot, number_in(table.read(slot)) + 1);
    return is_new;
  }
  bool has(const std::string& key) const { return table.find(key, hash_of(key)).has_value(); }
  void evicting(std::string_view key, ConstState) override { evicted.emplace_back(key); }

  SlotTable table;
  std::uint64_t sequence = 0;
  std::vector<std::string> evicted;
};

}  // namespace tocsin
