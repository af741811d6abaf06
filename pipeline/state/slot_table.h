// Keyed state in flat memory: slots of one fixed size, found by key, evicted by age.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "detectors/detector.h"
#include "detectors/result.h"
#include "pipeline/state/chunk_store.h"
#include "pipeline/state/hash_index.h"
#include "pipeline/state/long_keys.h"
#include "pipeline/state/slot_classes.h"

namespace tocsin {

/// Told about a slot that is about to be given to another key.
class EvictionListener {
 public:
  virtual ~EvictionListener() = default;
  virtual void evicting(std::string_view key, ConstState payload) = 0;
};

/// For whoever has nothing to do then.
class SilentEviction final : public EvictionListener {
 public:
  void evicting(std::string_view /*key*/, ConstState /*payload*/) override {}
};

/// The part of a table's state that does not lie in chunks; flat, native byte order, as the slots.
struct TableHeader {
  std::uint64_t bytes_max = 0;
  std::uint32_t payload_bytes = 0;
  std::uint32_t slots = 0;
  std::uint32_t cells = 0;  ///< Of long keys, free ones included.
  std::uint32_t free_cell_plus_1 = 0;
  std::uint32_t probation_hand = 0;
  std::uint32_t promoted_hand = 0;
};

/// A table from keys to payloads of fixed size, within a byte budget.
///
/// A slot is one line of 64 bytes (hash, last-seen sequence, probation, and the key) and the
/// payload, padded to 64 bytes; slots lie in the chunks of a `ChunkStore`. Of a key longer than
/// kInlineKeyBytes the text is in a cell of 128 bytes, taken from the same budget. The index can
/// be rebuilt from the slots, so it is no part of the state.
///
/// When the budget is reached, a newcomer takes the slot of another key. Newcomers are on
/// probation: once the table is full they may hold a tenth of the slots and evict one another
/// first, in turn, so a flood of keys that are seen once cannot flush the keys that return. A key
/// that is seen again (at a later sequence) while on probation is promoted; what promotion takes
/// from probation is given back by evicting, of the next 16 promoted slots under a clock's hand,
/// the one seen longest ago. A newcomer with a long key for which no cell can be had takes the
/// place of another long key. All of it is in the slots and in the table's small header: eviction
/// order is a function of the sequence of `touch` calls.
///
/// Threads: one; reading by several is safe while nobody writes.
class SlotTable {
 public:
  /// Keys up to this long stand in their slot.
  static constexpr std::size_t kInlineKeyBytes = 42;
  /// What a slot costs beside itself, in the index and in marks, rounded up.
  static constexpr std::size_t kIndexBytesPerSlot = 12;

  /// `bytes_max` covers chunks, long keys and index. The least table holds one slot and one long
  /// key, about 9 KB.
  SlotTable(std::size_t payload_bytes, std::size_t bytes_max);

  struct Touched {
    SlotIndex slot = 0;           ///< Valid until the slot is evicted.
    bool is_new = false;          ///< The payload is all zero: the caller starts it.
    std::uint64_t last_seen = 0;  ///< Before; where it is new, now.
  };
  /// Finds the slot of `key` (at most kKeyMaxBytes), or makes one, evicting another if it must.
  /// `hash` is the key's. Sequences never go down.
  Touched touch(std::string_view key, std::uint64_t hash, std::uint64_t sequence,
                EvictionListener& listener);

  /// Without promotion or creation.
  std::optional<SlotIndex> find(std::string_view key, std::uint64_t hash) const;

  /// Asks the cache for the lines that a `touch` of `hash` will need: first the index, then,
  /// called again a few events later, the slot.
  void prefetch_index(std::uint64_t hash) const { index_.prefetch(hash); }
  void prefetch_slot(std::uint64_t hash) const;

  std::string_view key(SlotIndex slot) const;
  ConstState read(SlotIndex slot) const {
    return {slots_.read(slot) + sizeof(Header), payload_bytes_};
  }
  /// The payload for writing; marks its chunk as written.
  State write(SlotIndex slot) { return {slots_.write(slot) + sizeof(Header), payload_bytes_}; }

  std::size_t size() const { return slots_.size(); }      ///< Slots in use: 0 to size() - 1.
  std::size_t capacity() const { return capacity_; }      ///< Slots that fit, where keys are short.
  std::uint64_t evictions() const { return evictions_; }  ///< Since construction or restore.
  std::size_t slot_bytes() const { return slots_.slot_bytes(); }
  std::size_t bytes() const;  ///< In use now, index included.

  /// Bytes of one slot for a payload of this size, key and header included.
  static std::size_t slot_bytes_for(std::size_t payload_bytes);
  /// How many slots a budget holds, index included, where keys are short.
  static std::size_t capacity_for(std::size_t payload_bytes, std::size_t bytes_max);

  std::uint64_t last_seen(SlotIndex slot) const { return header(slot).last_seen; }
  bool has_long_key(SlotIndex slot) const { return header(slot).cell_plus_1 != 0; }

  // For moving keys from a table with other payloads into one that has seen nothing:

  /// Whether the budget holds so many slots and cells of long keys.
  bool has_room_for(std::size_t slots, std::size_t cells) const;
  /// Adds a key of another table, as old and as promoted as it is there; its payload is zero.
  /// Needs that there is room.
  SlotIndex add_copy(const SlotTable& from, SlotIndex slot);
  /// Goes on evicting where a table with the same slots would.
  void take_hands_of(const SlotTable& from);

  /// The stores that hold the state, for cuts: the slots, and the cells of long keys.
  static constexpr std::size_t kStores = 2;
  std::array<ChunkStore*, kStores> stores() { return {&slots_, &long_keys_.store()}; }
  std::array<const ChunkStore*, kStores> stores() const { return {&slots_, &long_keys_.store()}; }
  /// The state that does not lie in those stores.
  TableHeader saved_header() const;
  /// Gives a table that has seen nothing what was saved of one of the same shape, and builds the
  /// index. After a failure the table is of no use.
  Result<void> adopt(const TableHeader& saved, ChunkStore slots, ChunkStore cells);
  /// Why what that header belongs to cannot be adopted; empty where it can.
  std::optional<Error> refusal_of(const TableHeader& saved) const;

 private:
  struct Header {
    std::uint64_t hash;
    std::uint64_t last_seen;
    std::uint32_t cell_plus_1;  // 0: the key is inline
    std::uint8_t key_length;
    std::uint8_t on_probation;
    char key[kInlineKeyBytes];  // The whole key, or zero.
  };
  static_assert(sizeof(Header) == 64);

  const Header& header(SlotIndex slot) const {
    return *reinterpret_cast<const Header*>(slots_.read(slot));
  }
  Header& header_for_writing(SlotIndex slot) {
    return *reinterpret_cast<Header*>(slots_.write(slot));
  }
  static bool is_long(std::string_view key) { return key.size() > kInlineKeyBytes; }

  SlotIndex admit(std::string_view key, std::uint64_t hash, std::uint64_t sequence,
                  EvictionListener& listener);
  SlotIndex pick_victim(SlotClasses::Keys keys);
  SlotIndex oldest_promoted(SlotClasses::Keys keys);
  void evict(SlotIndex slot, EvictionListener& listener);
  Result<void> adopt_slots();

  std::size_t payload_bytes_;
  std::size_t bytes_max_;
  std::size_t capacity_;
  ChunkStore slots_;
  LongKeys long_keys_;
  HashIndex index_;
  SlotClasses classes_;
  SlotIndex probation_hand_ = 0;
  SlotIndex promoted_hand_ = 0;
  std::uint64_t evictions_ = 0;
};

}  // namespace tocsin
