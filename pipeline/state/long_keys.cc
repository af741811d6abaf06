#include "pipeline/state/long_keys.h"

#include <cassert>
#include <cstring>

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

void LongKeys::save(std::string& out) const {
  out.append(reinterpret_cast<const char*>(&free_plus_1_), sizeof free_plus_1_);
  if (size() > 0) out.append(text(0, size() * kKeyMaxBytes));
}

std::size_t LongKeys::restore(std::string_view bytes, std::size_t cells) {
  assert(size() == 0 && bytes.size() == saved_bytes(cells));
  std::memcpy(&free_plus_1_, bytes.data(), sizeof free_plus_1_);
  bytes.remove_prefix(sizeof free_plus_1_);
  for (std::size_t i = 0; i < cells; ++i) {
    const Cell cell = cells_.add();
    std::memcpy(cells_.write(cell), bytes.data() + i * kKeyMaxBytes, kKeyMaxBytes);
  }
  std::size_t free = 0;
  for (std::uint32_t at = free_plus_1_; at != 0; at = next_free_plus_1(at - 1)) {
    if (at > cells || ++free > cells) return cells + 1;
  }
  return free;
}

}  // namespace tocsin
