#include "pipeline/state/long_keys.h"

#include <cassert>
#include <cstring>
#include <utility>

namespace tocsin {

LongKeys::LongKeys(std::size_t cells_max) : cells_(kKeyMaxBytes, cells_max) {}

std::size_t LongKeys::bytes_for(std::size_t cells) {
  return ChunkStore::bytes_for(kKeyMaxBytes, cells);
}

std::uint32_t LongKeys::next_free_plus_1(Cell cell) const {
  std::uint32_t next = 0;
  std::memcpy(&next, cells_.read(cell), sizeof next);
  return next;
}

LongKeys::Cell LongKeys::add(std::string_view key) {
  assert(key.size() <= kKeyMaxBytes);
  Cell cell = 0;
  if (has_free_cell()) {
    cell = free_plus_1_ - 1;
    free_plus_1_ = next_free_plus_1(cell);
  } else {
    cell = cells_.add();
  }
  std::byte* to = cells_.write(cell);
  std::memset(to, 0, kKeyMaxBytes);
  std::memcpy(to, key.data(), key.size());
  return cell;
}

void LongKeys::remove(Cell cell) {
  std::byte* to = cells_.write(cell);
  std::memset(to, 0, kKeyMaxBytes);
  std::memcpy(to, &free_plus_1_, sizeof free_plus_1_);
  free_plus_1_ = cell + 1;
}

std::string_view LongKeys::text(Cell cell, std::size_t length) const {
  return {reinterpret_cast<const char*>(cells_.read(cell)), length};
}

std::size_t LongKeys::adopt(ChunkStore cells, std::uint32_t free_plus_1) {
  assert(size() == 0 && cells.slot_bytes() == kKeyMaxBytes);
  cells_ = std::move(cells);
  free_plus_1_ = free_plus_1;
  std::size_t free = 0;
  for (std::uint32_t at = free_plus_1_; at != 0; at = next_free_plus_1(at - 1)) {
    if (at > size() || ++free > size()) return size() + 1;
  }
  return free;
}

}  // namespace tocsin
