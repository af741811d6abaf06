#include "pipeline/scoring/partition_restore.h"

#include <cstring>
#include <optional>
#include <span>
#include <string>

#include "pipeline/input/flat_bytes.h"
#include "pipeline/scoring/block_view.h"
#include "pipeline/scoring/incidents.h"
#include "pipeline/scoring/seal.h"

namespace tocsin {

Result<void> PartitionRestore::begin(std::string_view head) {
  if (!head.starts_with(PartitionState::kFormat)) {
    return Error{"the head of the saved partition does not begin with `tocsin cut 1`"};
  }
  const auto content = unsealed(std::as_bytes(std::span(head)), 0);
  if (!content) {
    return Error{"the head of the saved partition is damaged: its seal does not match"};
  }
  FlatBytes bytes(head.substr(0, content->size()).substr(PartitionState::kFormat.size()));
  const auto definition = bytes.text();
  const auto shared = bytes.text();
  if (!definition || !shared) return Error{"the head of the saved partition is cut short"};
  if (*definition != plan_.definition_hash) {
    return Error{"the saved partition belongs to definition " + std::string(*definition) +
                 ", but this is " + plan_.definition_hash};
  }
  if (shared->size() != into_.shared().size()) {
    return Error{"the saved partition has another size than its definition says"};
  }
  std::memcpy(into_.shared().data(), shared->data(), shared->size());
  for (SlotTable* table : into_.tables()) {
    const auto saved = bytes.text();
    TableHeader header;
    if (!saved || saved->size() != sizeof header) {
      return Error{"the head of the saved partition has no header for each of its tables"};
    }
    std::memcpy(&header, saved->data(), sizeof header);
    auto begun = SlotTableRestore::begin(header, *table);
    if (!begun) return begun.error();
    tables_.push_back(std::move(*begun));
  }
  if (!bytes.is_at_end()) return Error{"the head of the saved partition is longer than it says"};
  return {};
}

Result<void> PartitionRestore::put(const CutChunkView& chunk) {
  const std::size_t table = chunk.store / SlotTable::kStores;
  if (table >= tables_.size()) {
    return Error{"the saved partition has no store " + std::to_string(chunk.store) + " of chunks"};
  }
  const auto bytes = unsealed(chunk.bytes, place_of(chunk.store, chunk.chunk));
  if (!bytes) {
    return Error{"chunk " + std::to_string(chunk.chunk) + " of store " +
                 std::to_string(chunk.store) +
                 " of the saved partition is damaged: its seal does not match"};
  }
  return tables_[table].put(chunk.store % SlotTable::kStores, chunk.chunk, *bytes);
}

Result<RestoreReport> PartitionRestore::finish() {
  for (SlotTableRestore& table : tables_) {
    if (auto finished = table.finish(); !finished) return finished.error();
  }
  if (auto checked = check_entities(); !checked) return checked.error();
  return RestoreReport{.entities = into_.entities().size()};
}

/// Chunks of another cut than the head's, sound as they are, would go on from what never was.
Result<void> PartitionRestore::check_entities() const {
  const Incidents incidents(into_.shared().subspan(plan_.incidents_offset));
  std::size_t warm = 0;
  std::size_t open = 0;
  for (SlotIndex slot = 0; slot < into_.entities().size(); ++slot) {
    const auto& entity = view<EntityBlock>(into_.entities().read(slot));
    if (entity.is_warm != 0) ++warm;
    const std::uint16_t number = entity.incident.number;
    if (number == 0) continue;
    ++open;
    if (number > plan_.incidents_max || incidents.incident(number).slot != slot) {
      return Error{"the chunks of the saved partition are of another cut than its head: entity " +
                   std::to_string(slot) + " has an incident that is not open"};
    }
  }
  if (warm != into_.header().entities_warm || open != incidents.size()) {
    return Error{"the chunks of the saved partition are of another cut than its head: " +
                 std::to_string(warm) + " entities are warm and " + std::to_string(open) +
                 " have an incident, where the head counts " +
                 std::to_string(into_.header().entities_warm) + " and " +
                 std::to_string(incidents.size())};
  }
  return {};
}

}  // namespace tocsin
