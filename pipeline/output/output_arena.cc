#include "pipeline/output/output_arena.h"

#include <cassert>
#include <cstdint>
#include <cstring>
#include <memory>
#include <type_traits>

namespace tocsin {

static_assert(std::is_trivially_destructible_v<HeaderView>, "headers are dropped with their chunk");

namespace {

std::size_t size_of(const WriteRecord& record) {
  std::size_t size = record.value.size();
  if (record.key) size += record.key->size();
  for (const HeaderView& header : record.headers) {
    size += header.name.size();
    if (header.value) size += header.value->size();
  }
  return size;
}

std::size_t padding(const char* at, std::size_t alignment) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): an address modulo its alignment.
  return (alignment - reinterpret_cast<std::uintptr_t>(at) % alignment) % alignment;
}

}  // namespace

void OutputArena::begin_partition(PartitionHandle partition) {
  if (!pieces_.empty()) {
    if (pieces_.back().partition == partition) return;
    if (pieces_.back().count == 0) pieces_.pop_back();
  }
  if (!pieces_.empty() && pieces_.back().partition == partition) return;
  pieces_.push_back({.partition = partition, .first = records_.size()});
}

void OutputArena::add(const WriteRecord& record) {
  const std::size_t size = size_of(record);
  records_.push_back(record);
  bytes_ += size;
  if (pieces_.empty()) return;
  ++pieces_.back().count;
  pieces_.back().bytes += size;
}

void OutputArena::replace(std::size_t index, const WriteRecord& record) {
  const std::size_t was = size_of(records_[index]);
  const std::size_t is = size_of(record);
  records_[index] = record;
  bytes_ += is - was;
  for (Piece& piece : pieces_)
    if (index >= piece.first && index < piece.first + piece.count) piece.bytes += is - was;
}

std::string_view OutputArena::keep(std::string_view bytes) {
  if (bytes.empty()) return "";
  char* at = allocate(bytes.size(), 1);
  std::memcpy(at, bytes.data(), bytes.size());
  return {at, bytes.size()};
}

std::span<HeaderView> OutputArena::make_headers(std::size_t count) {
  if (count == 0) return {};
  char* at = allocate(count * sizeof(HeaderView), alignof(HeaderView));
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): raw memory becomes headers.
  auto* headers = reinterpret_cast<HeaderView*>(at);
  std::uninitialized_value_construct_n(headers, count);
  return {headers, count};
}

std::span<const OutputArena::Piece> OutputArena::pieces() const {
  std::span<const Piece> pieces = pieces_;
  if (!pieces.empty() && pieces.back().count == 0) pieces = pieces.first(pieces.size() - 1);
  return pieces;
}

std::size_t OutputArena::capacity_bytes() const {
  std::size_t size = chunks_.size() * kChunkBytes + records_.capacity() * sizeof(WriteRecord) +
                     pieces_.capacity() * sizeof(Piece);
  for (const Oversized& bytes : oversized_) size += bytes.size;
  return size;
}

void OutputArena::clear() {
  chunk_ = 0;
  used_ = kChunkBytes;
  oversized_.clear();
  records_.clear();
  pieces_.clear();
  bytes_ = 0;
}

char* OutputArena::allocate(std::size_t size, std::size_t alignment) {
  assert(alignment <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);
  if (size > kChunkBytes) return add_oversized(size);
  if (chunk_ > 0) {
    char* base = chunks_[chunk_ - 1].get();
    const std::size_t begin = used_ + padding(base + used_, alignment);
    if (begin + size <= kChunkBytes) {
      used_ = begin + size;
      return base + begin;
    }
  }
  next_chunk();
  used_ = size;
  return chunks_[chunk_ - 1].get();
}

void OutputArena::next_chunk() {
  if (chunk_ == chunks_.size()) {
    chunks_.push_back(std::make_unique_for_overwrite<char[]>(kChunkBytes));
  }
  ++chunk_;
  used_ = 0;
}

char* OutputArena::add_oversized(std::size_t size) {
  oversized_.push_back({.bytes = std::make_unique_for_overwrite<char[]>(size), .size = size});
  return oversized_.back().bytes.get();
}

}  // namespace tocsin
