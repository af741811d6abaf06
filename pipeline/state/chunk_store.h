// Memory for slots of one fixed size, cut into chunks of about 4 KB that can be copied at a
// consistent cut while the slots go on being written.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace tocsin {

/// The number of a slot, from 0 in the order in which slots came to be.
using SlotIndex = std::uint32_t;

/// A chunk as it was at a cut.
struct CopiedChunk {
  std::uint32_t chunk = 0;
  std::vector<std::byte> bytes;  // [chunk_bytes], with room for kSealBytes more
};
/// What whoever hands a copy on may append without moving it.
inline constexpr std::size_t kSealBytes = 8;

/// Which chunks a cut hands over.
enum class CutScope : std::uint8_t {
  whole,    ///< Every chunk.
  changed,  ///< Those written since the cut before, and in turn an eighth of the others.
};

/// Gives reserved address space back.
struct Unmap {
  std::size_t bytes = 0;
  void operator()(std::byte* memory) const;
};

/// Slots of one size, aligned to 64 bytes, zero at first, never moved.
///
/// Address space for `slots_max` slots is reserved at once, without memory behind it; memory
/// comes as slots are added. A chunk is a power of two of whole slots, at most 4 KB, or one slot
/// if that is larger. All writing goes through `write`, which notes that the chunk was written.
///
/// At a cut every chunk there is (or, of `CutScope::changed`, every chunk that must be handed over
/// again) becomes due to be copied: `write` copies a due chunk before it is first written,
/// `copy_some` copies a few of the others. So the copies together are the bytes as they were at
/// the cut, and nobody has to stop for them. Of a series of `changed` cuts the newest copies of
/// each chunk are the bytes at the latest cut, and none is from before the eighth cut back.
///
/// Threads: one.
class ChunkStore {
 public:
  /// `slot_bytes` is a multiple of 64.
  ChunkStore(std::size_t slot_bytes, std::size_t slots_max);

  /// Adds a slot, whose bytes are zero.
  SlotIndex add();

  const std::byte* read(SlotIndex slot) const { return memory_.get() + slot * slot_bytes_; }
  std::byte* write(SlotIndex slot) {
    const std::size_t chunk = slot >> chunk_shift_;
    if (last_written_[chunk] != cut_) first_write(chunk);
    return memory_.get() + slot * slot_bytes_;
  }

  std::size_t size() const { return size_; }  ///< Slots added.
  std::size_t slot_bytes() const { return slot_bytes_; }
  std::size_t chunk_bytes() const { return slot_bytes_ << chunk_shift_; }
  std::size_t bytes() const { return bytes_for(slot_bytes_, size_); }  ///< Whole chunks, and marks.

  /// What `slots` slots take.
  static std::size_t bytes_for(std::size_t slot_bytes, std::size_t slots);

  /// Makes chunks due to be copied. The previous cut is complete and taken. The first cut of a
  /// store is whole.
  void begin_cut(CutScope scope);
  /// Copies up to `chunks` due chunks and returns how many.
  std::size_t copy_some(std::size_t chunks);
  /// Whether chunks are still due; just after `copy_some` exact, else perhaps none is.
  bool is_cutting() const { return next_due_ < due_end_; }
  /// Hands over what has been copied since the last call, in the order of copying.
  std::vector<CopiedChunk> take_copied();

  std::size_t chunks() const { return last_written_.size(); }
  std::span<const std::byte> chunk(std::size_t number) const {
    return {memory_.get() + number * chunk_bytes(), chunk_bytes()};
  }
  /// Replaces a chunk's bytes, which are `chunk_bytes()`. For restoring.
  void put_chunk(std::size_t number, std::span<const std::byte> bytes);

 private:
  /// Whether the cut at hand is to hand over a chunk that has not been written since.
  bool is_wanted(std::size_t chunk) const;
  void first_write(std::size_t chunk);
  void copy(std::size_t chunk);
  void make_accessible(std::size_t bytes);

  std::size_t slot_bytes_;
  unsigned chunk_shift_;  // log2 of the slots in a chunk
  std::unique_ptr<std::byte, Unmap> memory_;
  std::size_t accessible_bytes_ = 0;
  std::size_t size_ = 0;
  std::vector<std::uint32_t> last_written_;  // [chunks] the cut that was the latest at the time

  // A wanted chunk below due_end_ is still due when copy_some has not come to it and it has not
  // been written since the cut.
  std::uint32_t cut_ = 0;
  CutScope scope_ = CutScope::whole;
  std::size_t next_due_ = 0;
  std::size_t due_end_ = 0;
  std::vector<CopiedChunk> copied_;
};

}  // namespace tocsin
