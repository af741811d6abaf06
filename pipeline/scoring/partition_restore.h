// A partition's state coming back: the head of a cut first, then the chunks.

#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "detectors/result.h"
#include "pipeline/scoring/partition_cut.h"
#include "pipeline/scoring/partition_state.h"
#include "pipeline/scoring/saved_head.h"
#include "pipeline/scoring/state_transfer.h"
#include "pipeline/state/slot_table_restore.h"

namespace tocsin {

/// Fills a state that has seen nothing. Any failure leaves it of no use.
///
/// Under the definition it was saved with, state comes back as it was, straight into its place;
/// under another, a `StateTransfer` moves what is kept.
/// Whatever the bytes are, they are refused or harmless: head and chunks are sealed, and what
/// they say of one another is compared.
class PartitionRestore {
 public:
  /// `plan` and `into` outlive this.
  PartitionRestore(const StreamPlan::Inside& plan, PartitionState& into)
      : plan_(plan), into_(into) {}

  Result<void> begin(std::string_view head);
  Result<void> put(const CutChunkView& chunk);
  Result<RestoreReport> finish();

 private:
  Result<void> begin_unchanged(const SavedHead& head);
  Result<void> begin_changed(const SavedHead& head);
  Result<void> add_table(const TableHeader& header, SlotTable& into);

  const StreamPlan::Inside& plan_;
  PartitionState& into_;
  std::unique_ptr<StateTransfer> transfer_;  // Under another definition.
  /// [tables as saved]; empty where a table is not wanted.
  std::vector<std::optional<SlotTableRestore>> tables_;
};

}  // namespace tocsin
