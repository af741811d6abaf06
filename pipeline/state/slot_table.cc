#include "pipeline/state/slot_table.h"

#include <algorithm>
#include <cassert>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

namespace tocsin {
namespace {

using Keys = SlotClasses::Keys;

/// Newcomers' share of a full table. README.md has the measurements.
constexpr std::size_t kProbationDivisor = 10;
/// Promoted slots that one eviction looks at: the oldest of 16 is on average among the oldest
/// 6 %, and the reads are independent of one another.
constexpr std::size_t kHandSlots = 16;
/// Cells for long keys that are kept free for when they first come, one for so many slots.
constexpr std::size_t kSlotsPerReservedCell = 16;
/// Lines of a slot that are asked for ahead; the hardware follows from there.
constexpr std::size_t kPrefetchBytes = 512;

std::size_t reserved_cells(std::size_t slots) { return slots / kSlotsPerReservedCell + 1; }

/// What `slots` slots take beside their chunks.
std::size_t index_bytes(std::size_t slots) {
  return HashIndex::bytes_for(slots) + SlotClasses::bytes_for(slots);
}

std::string plural(std::size_t count, const char* noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

}  // namespace

SlotTable::SlotTable(std::size_t payload_bytes, std::size_t bytes_max)
    : payload_bytes_(payload_bytes),
      bytes_max_(bytes_max),
      capacity_(capacity_for(payload_bytes, bytes_max)),
      slots_(slot_bytes_for(payload_bytes), capacity_),
      long_keys_(capacity_),
      index_(capacity_) {}

std::size_t SlotTable::slot_bytes_for(std::size_t payload_bytes) {
  return sizeof(Header) + (payload_bytes + 63) / 64 * 64;
}

std::size_t SlotTable::capacity_for(std::size_t payload_bytes, std::size_t bytes_max) {
  const std::size_t slot = slot_bytes_for(payload_bytes);
  const auto fits = [&](std::size_t slots) {
    return ChunkStore::bytes_for(slot, slots) + LongKeys::bytes_for(reserved_cells(slots)) +
               index_bytes(slots) <=
           bytes_max;
  };
  std::size_t least = 1;
  std::size_t beyond = std::min<std::size_t>(bytes_max / slot, UINT32_MAX - 1) + 2;
  while (beyond - least > 1) {
    const std::size_t middle = least + (beyond - least) / 2;
    (fits(middle) ? least : beyond) = middle;
  }
  return least;
}

std::size_t SlotTable::bytes() const {
  return slots_.bytes() + long_keys_.bytes() + index_.bytes() + classes_.bytes();
}

std::string_view SlotTable::key(SlotIndex slot) const {
  const Header& it = header(slot);
  if (it.cell_plus_1 != 0) return long_keys_.text(it.cell_plus_1 - 1, it.key_length);
  return {it.key, it.key_length};
}

std::optional<SlotIndex> SlotTable::find(std::string_view key, std::uint64_t hash) const {
  return index_.find(
      hash, [&](SlotIndex slot) { return header(slot).hash == hash && this->key(slot) == key; });
}

void SlotTable::prefetch_slot(std::uint64_t hash) const {
  // The first slot of the same tag is nearly always the one, and a wrong guess costs nothing.
  const auto slot = index_.find(hash, [](SlotIndex) { return true; });
  if (!slot) return;
  const std::byte* line = slots_.read(*slot);
  const std::byte* end = line + std::min(slot_bytes(), kPrefetchBytes);
  for (; line != end; line += 64) __builtin_prefetch(line, 1);
}

SlotTable::Touched SlotTable::touch(std::string_view key, std::uint64_t hash,
                                    std::uint64_t sequence, EvictionListener& listener) {
  const auto slot = find(key, hash);
  if (!slot)
    return {.slot = admit(key, hash, sequence, listener), .is_new = true, .last_seen = sequence};
  Header& it = header_for_writing(*slot);
  const std::uint64_t last_seen = it.last_seen;
  if (it.on_probation != 0 && sequence > it.last_seen) {
    it.on_probation = 0;
    classes_.set(*slot, {.probation = false, .long_key = it.cell_plus_1 != 0});
  }
  it.last_seen = sequence;
  return {.slot = *slot, .last_seen = last_seen};
}

SlotIndex SlotTable::admit(std::string_view key, std::uint64_t hash, std::uint64_t sequence,
                           EvictionListener& listener) {
  if (key.size() > kKeyMaxBytes) std::abort();  // A caller's mistake that would spoil the state.
  const bool needs_cell = is_long(key);
  const std::size_t cells = long_keys_.size() + (needs_cell && !long_keys_.has_free_cell() ? 1 : 0);
  SlotIndex slot = 0;
  if (has_room_for(size() + 1, cells)) {
    slot = slots_.add();
  } else {
    slot = pick_victim(has_room_for(size(), cells) ? Keys::any : Keys::long_only);
    evict(slot, listener);
  }
  Header& it = header_for_writing(slot);
  it.hash = hash;
  it.last_seen = sequence;
  it.key_length = static_cast<std::uint8_t>(key.size());
  it.on_probation = 1;
  if (needs_cell) {
    it.cell_plus_1 = long_keys_.add(key) + 1;
  } else {
    std::copy(key.begin(), key.end(), it.key);
  }
  classes_.set(slot, {.probation = true, .long_key = needs_cell});
  index_.insert(hash, slot);
  return slot;
}

bool SlotTable::has_room_for(std::size_t slots, std::size_t cells) const {
  // The least table always fits.
  if (slots <= 1 && cells <= 1) return true;
  if (slots > capacity_ || cells > capacity_) return false;
  return ChunkStore::bytes_for(slot_bytes(), slots) +
             LongKeys::bytes_for(std::max(cells, reserved_cells(capacity_))) +
             index_bytes(capacity_) <=
         bytes_max_;
}

SlotIndex SlotTable::pick_victim(Keys keys) {
  const std::size_t share = std::max<std::size_t>(size() / kProbationDivisor, 1);
  bool from_probation = classes_.count(true, Keys::any) >= share;
  if (classes_.count(from_probation, keys) == 0) from_probation = !from_probation;
  if (!from_probation) return oldest_promoted(keys);
  const SlotIndex slot = classes_.next(true, keys, probation_hand_);
  probation_hand_ = slot + 1;
  return slot;
}

SlotIndex SlotTable::oldest_promoted(Keys keys) {
  std::array<SlotIndex, kHandSlots> under_hand{};
  for (SlotIndex& slot : under_hand) {
    slot = classes_.next(false, keys, promoted_hand_);
    promoted_hand_ = slot + 1;
    __builtin_prefetch(slots_.read(slot));
  }
  return *std::min_element(under_hand.begin(), under_hand.end(), [&](SlotIndex a, SlotIndex b) {
    return header(a).last_seen < header(b).last_seen;
  });
}

void SlotTable::evict(SlotIndex slot, EvictionListener& listener) {
  listener.evicting(key(slot), read(slot));
  Header& it = header_for_writing(slot);
  index_.erase(it.hash, slot);
  if (it.cell_plus_1 != 0) long_keys_.remove(it.cell_plus_1 - 1);
  std::memset(static_cast<void*>(&it), 0, slot_bytes());
  ++evictions_;
}

SlotIndex SlotTable::add_copy(const SlotTable& from, SlotIndex slot) {
  const std::string_view key = from.key(slot);
  const SlotIndex to = slots_.add();
  Header& it = header_for_writing(to);
  it = from.header(slot);
  if (is_long(key)) it.cell_plus_1 = long_keys_.add(key) + 1;
  classes_.set(to, from.classes_.get(slot));
  index_.insert(it.hash, to);
  return to;
}

void SlotTable::take_hands_of(const SlotTable& from) {
  probation_hand_ = from.probation_hand_;
  promoted_hand_ = from.promoted_hand_;
}

TableHeader SlotTable::saved_header() const {
  return {.bytes_max = bytes_max_,
          .payload_bytes = static_cast<std::uint32_t>(payload_bytes_),
          .slots = static_cast<std::uint32_t>(size()),
          .cells = static_cast<std::uint32_t>(long_keys_.size()),
          .free_cell_plus_1 = long_keys_.free_plus_1(),
          .probation_hand = probation_hand_,
          .promoted_hand = promoted_hand_};
}

std::optional<Error> SlotTable::refusal_of(const TableHeader& saved) const {
  if (saved.payload_bytes != payload_bytes_) {
    return Error{"state of a table has payloads of " + plural(saved.payload_bytes, "byte") +
                 ", the configuration makes them " + plural(payload_bytes_, "byte")};
  }
  if (!has_room_for(saved.slots, saved.cells)) {
    return Error{"state of a table holds " + plural(saved.slots, "key") + ", more than the " +
                 plural(bytes_max_, "byte") + " it may use: raise the memory limit"};
  }
  return std::nullopt;
}

Result<void> SlotTable::adopt(const TableHeader& saved, ChunkStore slots, ChunkStore cells) {
  assert(size() == 0);
  if (auto refusal = refusal_of(saved)) return *std::move(refusal);
  slots_ = std::move(slots);
  const std::size_t free_cells = long_keys_.adopt(std::move(cells), saved.free_cell_plus_1);
  probation_hand_ = saved.probation_hand;
  promoted_hand_ = saved.promoted_hand;
  if (auto adopted = adopt_slots(); !adopted) return adopted;
  const std::size_t long_keys =
      classes_.count(true, Keys::long_only) + classes_.count(false, Keys::long_only);
  if (free_cells + long_keys != saved.cells) {
    return Error{"state of a table has long keys that do not belong to it: damaged"};
  }
  return {};
}

Result<void> SlotTable::adopt_slots() {
  for (std::size_t i = 0; i < size(); ++i) {
    const auto slot = static_cast<SlotIndex>(i);
    const Header& it = header(slot);
    const bool has_long_key = it.key_length > kInlineKeyBytes;
    if (it.key_length > kKeyMaxBytes || has_long_key != (it.cell_plus_1 != 0) ||
        it.cell_plus_1 > long_keys_.size() || it.on_probation > 1 || find(key(slot), it.hash)) {
      return Error{"slot " + std::to_string(i) + " of a table's state makes no sense: damaged"};
    }
    classes_.set(slot, {.probation = it.on_probation != 0, .long_key = has_long_key});
    index_.insert(it.hash, slot);
  }
  return {};
}

}  // namespace tocsin
