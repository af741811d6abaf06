// A slot table coming back: its header first, then its chunks in any order.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "detectors/result.h"
#include "pipeline/state/chunk_store.h"
#include "pipeline/state/slot_table.h"

namespace tocsin {

/// Collects the chunks of a saved table and gives them to a table that has seen nothing.
///
/// Chunks go straight into the memory that the table will use. Threads: one.
class SlotTableRestore {
 public:
  /// Fails where `into` cannot take what `header` describes; `into` outlives this.
  static Result<SlotTableRestore> begin(const TableHeader& header, SlotTable& into);

  /// A chunk of one of the table's stores, in the order of `SlotTable::stores`. The last one put
  /// for a chunk counts.
  Result<void> put(std::size_t store, std::uint32_t chunk, std::span<const std::byte> bytes);

  /// Every chunk must have come. After a failure the table is of no use.
  Result<void> finish();

 private:
  /// A store being filled.
  struct Filling {
    Filling(std::size_t slot_bytes, std::size_t slots, std::size_t slots_max);
    ChunkStore store;
    std::vector<bool> has;  // [chunks]
    std::size_t missing = 0;
  };

  SlotTableRestore(const TableHeader& header, SlotTable& into);

  TableHeader header_;
  SlotTable* into_;
  std::array<Filling, SlotTable::kStores> filling_;
};

}  // namespace tocsin
