#include "pipeline/scoring/partition_restore.h"

#include <cstring>
#include <string>
#include <utility>

#include "pipeline/scoring/block_view.h"
#include "pipeline/scoring/incidents.h"
#include "pipeline/scoring/seal.h"

namespace tocsin {

namespace {

/// What the head counts of the entities, and what these say of themselves.
struct Tally {
  std::size_t warm = 0;
  std::size_t with_incident = 0;
};

/// Chunks of another cut than the head's, sound as they are, would go on from what never was.
Result<void> compare(const SlotTable& entities, std::size_t policy_offset,
                     const Incidents& incidents, const PartitionHeader& header) {
  const std::string other_cut =
      "the chunks of the saved partition are of another cut than its head: ";
  Tally tally;
  for (SlotIndex slot = 0; slot < entities.size(); ++slot) {
    const auto& entity = view<EntityBlock>(entities.read(slot), policy_offset);
    if (entity.is_warm != 0) ++tally.warm;
    if (entity.incident.number != 0) ++tally.with_incident;
    if (!incidents.is_of(entity.incident, slot)) {
      return Error{other_cut + "entity " + std::to_string(slot) +
                   " has an incident that is not open"};
    }
  }
  if (tally.warm != header.entities_warm || tally.with_incident != incidents.size()) {
    return Error{other_cut + std::to_string(tally.warm) + " entities are warm and " +
                 std::to_string(tally.with_incident) + " have an incident, where the head counts " +
                 std::to_string(header.entities_warm) + " and " + std::to_string(incidents.size())};
  }
  return {};
}

}  // namespace

Result<void> PartitionRestore::begin(std::string_view bytes) {
  auto head = SavedHead::read(bytes);
  if (!head) return head.error();
  return head->definition == plan_.definition_hash ? begin_unchanged(*head) : begin_changed(*head);
}

Result<void> PartitionRestore::begin_unchanged(const SavedHead& head) {
  const auto tables = into_.tables();
  if (head.shared.size() != into_.shared().size() || head.groups.size() + 1 != tables.size()) {
    return Error{"the saved partition has another layout than its definition says"};
  }
  std::memcpy(into_.shared().data(), head.shared.data(), head.shared.size());
  if (auto added = add_table(head.entities, *tables.front()); !added) return added;
  for (std::size_t i = 0; i < head.groups.size(); ++i) {
    if (auto added = add_table(head.groups[i], *tables[i + 1]); !added) return added;
  }
  return {};
}

Result<void> PartitionRestore::begin_changed(const SavedHead& head) {
  transfer_ = std::make_unique<StateTransfer>(head, plan_, into_);
  const StateChange& change = transfer_->change();
  tables_.resize(1);
  if (change.keeps_entities()) {
    tables_.clear();
    if (auto added = add_table(head.entities, transfer_->entities_before()); !added) return added;
  }
  tables_.resize(1 + head.groups.size());
  for (std::size_t i = 0; i < change.now().blocks.size(); ++i) {
    const StateBlock& now = change.now().blocks[i];
    const StateBlock* before = change.source_of(i);
    if (now.home != StateBlock::Home::group || before == nullptr) continue;
    auto begun =
        SlotTableRestore::begin(head.groups[before->table], *into_.tables()[1 + now.table]);
    if (!begun) return begun.error();
    tables_[1 + before->table].emplace(std::move(*begun));
  }
  return {};
}

Result<void> PartitionRestore::add_table(const TableHeader& header, SlotTable& into) {
  auto begun = SlotTableRestore::begin(header, into);
  if (!begun) return begun.error();
  tables_.emplace_back(std::move(*begun));
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
  if (!tables_[table]) return {};
  return tables_[table]->put(chunk.store % SlotTable::kStores, chunk.chunk, *bytes);
}

Result<RestoreReport> PartitionRestore::finish() {
  for (auto& table : tables_) {
    if (!table) continue;
    if (auto finished = table->finish(); !finished) return finished.error();
  }
  if (transfer_ == nullptr) {
    const Incidents incidents(into_.shared().subspan(plan_.incidents_offset));
    const auto compared = compare(into_.entities(), 0, incidents, into_.header());
    if (!compared) return compared.error();
    return RestoreReport{.entities = into_.entities().size(), .incidents = incidents.size()};
  }
  const StateChange& change = transfer_->change();
  if (change.keeps_incidents()) {
    const StateBlock& policy =
        *change.before().part(StateBlock::Home::entity, StateLayout::kPolicy);
    const State shared = transfer_->shared_before();
    const auto compared = compare(transfer_->entities_before(), policy.offset,
                                  change.incidents_before(shared), view<PartitionHeader>(shared));
    if (!compared) return compared.error();
  }
  return transfer_->finish();
}

Result<RestoreReport> foreseen_restore(std::string_view head, const StreamPlan& plan) {
  auto saved = SavedHead::read(head);
  if (!saved) return saved.error();
  RestoreReport report = StateTransfer::foreseen(*saved, plan.inside());
  if (saved->definition == plan.definition_hash()) report.sentences.clear();
  return report;
}

}  // namespace tocsin
