#include "pipeline/state/slot_table_restore.h"

#include <algorithm>
#include <utility>

namespace tocsin {

namespace {

constexpr std::array<const char*, SlotTable::kStores> kStoreNames{"slots", "long keys"};

}  // namespace

SlotTableRestore::Filling::Filling(std::size_t slot_bytes, std::size_t slots, std::size_t slots_max)
    : store(slot_bytes, slots_max) {
  for (std::size_t i = 0; i < slots; ++i) store.add();
  missing = store.chunks();
  has.resize(missing);
}

SlotTableRestore::SlotTableRestore(const TableHeader& header, SlotTable& into)
    : header_(header),
      into_(&into),
      filling_{Filling(into.slot_bytes(), header.slots, into.capacity()),
               Filling(kKeyMaxBytes, header.cells, into.capacity())} {}

Result<SlotTableRestore> SlotTableRestore::begin(const TableHeader& header, SlotTable& into) {
  if (auto refusal = into.refusal_of(header)) return *std::move(refusal);
  return SlotTableRestore(header, into);
}

Result<void> SlotTableRestore::put(std::size_t store, std::uint32_t chunk,
                                   std::span<const std::byte> bytes) {
  Filling& to = filling_.at(store);
  if (chunk >= to.store.chunks()) {
    return Error{"chunk " + std::to_string(chunk) + " of a table's " + kStoreNames.at(store) +
                 " is beyond its " + std::to_string(to.store.chunks())};
  }
  if (bytes.size() != to.store.chunk_bytes()) {
    return Error{"chunk " + std::to_string(chunk) + " of a table's " + kStoreNames.at(store) +
                 " has " + std::to_string(bytes.size()) + " bytes instead of " +
                 std::to_string(to.store.chunk_bytes())};
  }
  to.store.put_chunk(chunk, bytes);
  if (!to.has[chunk]) --to.missing;
  to.has[chunk] = true;
  return {};
}

Result<void> SlotTableRestore::finish() {
  for (std::size_t store = 0; store < filling_.size(); ++store) {
    const Filling& of = filling_[store];
    if (of.missing == 0) continue;
    const auto first = std::find(of.has.begin(), of.has.end(), false) - of.has.begin();
    return Error{std::to_string(of.missing) + " of " + std::to_string(of.store.chunks()) +
                 " chunks of a table's " + kStoreNames[store] + " are missing, chunk " +
                 std::to_string(first) + " the first"};
  }
  return into_->adopt(header_, std::move(filling_[0].store), std::move(filling_[1].store));
}

}  // namespace tocsin
