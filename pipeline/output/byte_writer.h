// Appends bytes straight into an arena, without knowing beforehand how many there will be.

#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>

#include "pipeline/output/output_arena.h"

namespace tocsin {

/// One text that grows at the end of an arena.
///
/// While it is open nothing else may be put into the arena. What was written is there for good
/// once `finish` has been called, and gone if it is not.
class ByteWriter {
 public:
  /// `arena` outlives the writer.
  explicit ByteWriter(OutputArena& arena);

  /// At least `size` writable bytes at the end; `advance` says how many of them were used.
  char* room(std::size_t size) {
    if (size > capacity_ - size_) grow(size);
    return begin_ + size_;
  }
  void advance(std::size_t size) { size_ += size; }

  void add(char byte) {
    *room(1) = byte;
    ++size_;
  }
  void add(std::string_view bytes) {
    if (bytes.empty()) return;
    std::memcpy(room(bytes.size()), bytes.data(), bytes.size());
    size_ += bytes.size();
  }

  std::size_t size() const { return size_; }
  char* data() { return begin_; }
  char& operator[](std::size_t index) { return begin_[index]; }

  /// Keeps what was written; the view is valid until the arena is cleared.
  std::string_view finish();

 private:
  void grow(std::size_t size);

  OutputArena* arena_;
  char* begin_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
  bool is_oversized_ = false;
};

}  // namespace tocsin
