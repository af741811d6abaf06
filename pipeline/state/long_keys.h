// The keys that are too long to stand in their slot.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
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

  /// Bytes that `save` appends for `size()` cells.
  static std::size_t saved_bytes(std::size_t cells) { return 4 + cells * kKeyMaxBytes; }
  void save(std::string& out) const;
  /// Fills an empty store from what `save` wrote for `cells` cells; returns how many of them are
  /// free, or `cells + 1` where the chain of free cells is broken.
  std::size_t restore(std::string_view bytes, std::size_t cells);

 private:
  std::uint32_t next_free_plus_1(Cell cell) const;

  ChunkStore cells_;
  std::uint32_t free_plus_1_ = 0;  // Head of the free cells, each of which begins with the next.
};

}  // namespace tocsin
