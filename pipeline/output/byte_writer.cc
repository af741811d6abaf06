#include "pipeline/output/byte_writer.h"

#include <algorithm>

namespace tocsin {

ByteWriter::ByteWriter(OutputArena& arena) : arena_(&arena) {
  if (arena.chunk_ == 0) return;
  begin_ = arena.chunks_[arena.chunk_ - 1].get() + arena.used_;
  capacity_ = OutputArena::kChunkBytes - arena.used_;
}

std::string_view ByteWriter::finish() {
  if (size_ == 0) return "";
  if (!is_oversized_) arena_->used_ += size_;
  return {begin_, size_};
}

void ByteWriter::grow(std::size_t size) {
  const std::size_t needed = size_ + size;
  const char* old = begin_;
  if (needed <= OutputArena::kChunkBytes) {
    arena_->next_chunk();
    begin_ = arena_->chunks_[arena_->chunk_ - 1].get();
    capacity_ = OutputArena::kChunkBytes;
    if (size_ > 0) std::memcpy(begin_, old, size_);
    return;
  }
  capacity_ = std::max(needed, 2 * size_);
  begin_ = arena_->add_oversized(capacity_);
  if (size_ > 0) std::memcpy(begin_, old, size_);
  if (is_oversized_) arena_->oversized_.erase(arena_->oversized_.end() - 2);
  is_oversized_ = true;
}

}  // namespace tocsin
