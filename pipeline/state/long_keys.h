// The keys that are too long to stand in their slot.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "pipeline/state/chunk_store.h"

namespace tocsin {

/// A key is never longer.
inline constexpr std::size_t kKeyMaxBytes = 128;

/// Cells of kKeyMaxBytes, each holding one key, used again when it is removed. Flat like the
/// slots: which cell the next key gets depends on the order of calls alone.
class LongKeys {
 public:
  using Cell = SlotIndex;

  explicit LongKeys(std::size_t cells_max);

  Cell add(std::string_view key);
  void remove(Cell cell);
  std::string_view text(Cell cell, std::size_t length) const;

  bool has_free_cell() const { return free_plus_1_ != 0; }
  std::size_t size() const { return cells_.size(); }  ///< Cells made, free ones included.
  std::size_t bytes() const { return cells_.bytes(); }
  static std::size_t bytes_for(std::size_t cells);

  ChunkStore& store() { return cells_; }
  const ChunkStore& store() const { return cells_; }

  /// What does not lie in the cells: the first free one, plus 1; 0: none.
  std::uint32_t free_plus_1() const { return free_plus_1_; }
  /// Goes on with cells that were saved; returns how many of them are free, or one more than
  /// there are where the chain of free cells is broken.
  std::size_t adopt(ChunkStore cells, std::uint32_t free_plus_1);

 private:
  std::uint32_t next_free_plus_1(Cell cell) const;

  ChunkStore cells_;
  std::uint32_t free_plus_1_ = 0;  // Head of the free cells, each of which begins with the next.
};

}  // namespace tocsin
