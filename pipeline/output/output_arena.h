// The bytes that one worker wants written in one epoch.

#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "pipeline/log/log.h"

namespace tocsin {

/// Records to be written, with the bytes that they refer to.
///
/// Bytes lie in chunks that never move, so the views of a record stay valid until `clear`, which
/// keeps the memory: once an arena has held its largest epoch, filling it allocates nothing.
/// (Only a record larger than a chunk has memory of its own, given back by `clear`.)
///
/// Threads: one at a time; a worker fills it, the emit stage reads it.
class OutputArena {
 public:
  static constexpr std::size_t kChunkBytes = 256U << 10U;

  /// A run of records that come from one input partition. What an epoch holds of a partition is
  /// kept until the commit is known, and dropped if the partition is lost before.
  struct Piece {
    PartitionHandle partition = 0;
    std::size_t first = 0;  ///< Index into `records()`.
    std::size_t count = 0;
    std::size_t bytes = 0;  ///< Of keys, values and headers.
  };

  /// What is added from now on comes from `partition`.
  void begin_partition(PartitionHandle partition);

  /// Adds a record whose views lie in this arena, or live for ever.
  void add(const WriteRecord& record);

  /// Puts `record` in the place of the record at `index`; its views as for `add`.
  void replace(std::size_t index, const WriteRecord& record);

  /// Copies bytes into the arena.
  std::string_view keep(std::string_view bytes);

  /// Room for headers in the arena.
  std::span<HeaderView> make_headers(std::size_t count);

  std::span<const WriteRecord> records() const { return records_; }
  std::span<const WriteRecord> records(const Piece& piece) const {
    return records().subspan(piece.first, piece.count);
  }
  /// In the order of writing; none is empty. A partition may have several.
  std::span<const Piece> pieces() const;

  /// Of all keys, values and headers.
  std::size_t bytes() const { return bytes_; }
  /// Memory held, used or not.
  std::size_t capacity_bytes() const;

  /// Forgets all records and keeps the memory.
  void clear();

 private:
  friend class ByteWriter;

  using Bytes = std::unique_ptr<char[]>;
  struct Oversized {
    Bytes bytes;
    std::size_t size = 0;
  };

  char* allocate(std::size_t size, std::size_t alignment);
  void next_chunk();
  char* add_oversized(std::size_t size);

  std::vector<Bytes> chunks_;  // each of kChunkBytes; the first `chunk_` are full
  std::size_t chunk_ = 0;
  std::size_t used_ = kChunkBytes;  // of the chunk before `chunk_`
  std::vector<Oversized> oversized_;
  std::vector<WriteRecord> records_;
  std::vector<Piece> pieces_;
  std::size_t bytes_ = 0;
};

}  // namespace tocsin
