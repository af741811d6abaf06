// A partition's state coming back: the head of a cut first, then the chunks.

#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "detectors/result.h"
#include "pipeline/scoring/partition_cut.h"
#include "pipeline/scoring/partition_state.h"
#include "pipeline/state/slot_table_restore.h"

namespace tocsin {

/// Fills a state that has seen nothing. Any failure leaves it of no use.
///
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
  Result<void> check_entities() const;

  const StreamPlan::Inside& plan_;
  PartitionState& into_;
  std::vector<SlotTableRestore> tables_;
};

}  // namespace tocsin
