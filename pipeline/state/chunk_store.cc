#include "pipeline/state/chunk_store.h"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>
#include <new>
#include <utility>

namespace tocsin {
namespace {

constexpr std::size_t kChunkBytes = 4096;
constexpr std::size_t kPageBytes = 4096;
/// A `changed` cut hands over one in so many of the chunks that it need not.
constexpr std::size_t kTurns = 8;
constexpr std::size_t kGrowthBytes = 64U << 10U;
constexpr std::size_t kHugePageBytes = 2U << 20U;
/// From this size on the memory is asked for in huge pages: without them, most touches of a table
/// of a million keys miss the TLB. Below, an almost empty huge page would weigh too much.
constexpr std::size_t kHugeFromBytes = 8 * kHugePageBytes;

std::size_t round_up(std::size_t value, std::size_t unit) {
  return (value + unit - 1) / unit * unit;
}

std::size_t slots_per_chunk(std::size_t slot_bytes) {
  return std::bit_floor(std::max<std::size_t>(kChunkBytes / slot_bytes, 1));
}

}  // namespace

void Unmap::operator()(std::byte* memory) const { munmap(memory, bytes); }

ChunkStore::ChunkStore(std::size_t slot_bytes, std::size_t slots_max)
    : slot_bytes_(slot_bytes),
      chunk_shift_(static_cast<unsigned>(std::countr_zero(slots_per_chunk(slot_bytes)))) {
  assert(slot_bytes > 0 && slot_bytes % 64 == 0);
  const std::size_t chunk = chunk_bytes();
  const std::size_t reserved = round_up(round_up(slots_max * slot_bytes, chunk), kPageBytes);
  if (reserved == 0) return;
  // PROT_NONE is not charged, whatever the machine's overcommit policy.
  void* memory = mmap(nullptr, reserved, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  // A wish: a kernel without huge pages says no, and nothing is lost but time.
  if (reserved >= kHugeFromBytes) madvise(memory, reserved, MADV_HUGEPAGE);
  memory_ = {static_cast<std::byte*>(memory), Unmap{reserved}};
}

void ChunkStore::make_accessible(std::size_t bytes) {
  if (bytes <= accessible_bytes_) return;
  const std::size_t reserved = memory_.get_deleter().bytes;
  assert(bytes <= reserved);
  // An eighth more than there is, so that the calls to the kernel are few.
  const std::size_t wanted = round_up(
      std::max(bytes, accessible_bytes_ + accessible_bytes_ / 8 + kGrowthBytes), kPageBytes);
  const std::size_t accessible = std::min(wanted, reserved);
  if (mprotect(memory_.get(), accessible, PROT_READ | PROT_WRITE) != 0) throw std::bad_alloc();
  accessible_bytes_ = accessible;
}

SlotIndex ChunkStore::add() {
  const std::size_t slot = size_++;
  const std::size_t chunk = slot >> chunk_shift_;
  if (chunk == last_written_.size()) {
    make_accessible((chunk + 1) * chunk_bytes());
    last_written_.push_back(cut_);
  }
  return static_cast<SlotIndex>(slot);
}

std::size_t ChunkStore::bytes_for(std::size_t slot_bytes, std::size_t slots) {
  const std::size_t per_chunk = slots_per_chunk(slot_bytes);
  const std::size_t chunks = (slots + per_chunk - 1) / per_chunk;
  return chunks * (per_chunk * slot_bytes + sizeof(std::uint32_t));
}

void ChunkStore::begin_cut(CutScope scope) {
  assert(!is_cutting() && copied_.empty());
  ++cut_;
  scope_ = scope;
  next_due_ = 0;
  due_end_ = last_written_.size();
}

std::size_t ChunkStore::copy_some(std::size_t chunks) {
  std::size_t done = 0;
  for (; is_cutting(); ++next_due_) {
    if (last_written_[next_due_] == cut_ || !is_wanted(next_due_)) continue;
    if (done == chunks) break;
    copy(next_due_);
    ++done;
  }
  return done;
}

std::vector<CopiedChunk> ChunkStore::take_copied() { return std::exchange(copied_, {}); }

bool ChunkStore::is_wanted(std::size_t chunk) const {
  // Every cut hands over all that was written since the one before: what was written earlier has
  // been handed over. A chunk's turn comes with every eighth cut.
  return scope_ == CutScope::whole || last_written_[chunk] + 1 == cut_ ||
         chunk % kTurns == cut_ % kTurns;
}

void ChunkStore::first_write(std::size_t chunk) {
  if (chunk >= next_due_ && chunk < due_end_ && is_wanted(chunk)) copy(chunk);
  last_written_[chunk] = cut_;
}

void ChunkStore::copy(std::size_t chunk) {
  const std::span<const std::byte> now = this->chunk(chunk);
  CopiedChunk& copied = copied_.emplace_back();
  copied.chunk = static_cast<std::uint32_t>(chunk);
  copied.bytes.reserve(now.size() + kSealBytes);
  copied.bytes.assign(now.begin(), now.end());
}

void ChunkStore::put_chunk(std::size_t number, std::span<const std::byte> bytes) {
  assert(number < chunks() && bytes.size() == chunk_bytes() && !is_cutting());
  std::memcpy(memory_.get() + number * chunk_bytes(), bytes.data(), bytes.size());
  last_written_[number] = cut_;
}

}  // namespace tocsin
