// Everything that a partition's events have taught, and its bytes.

#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "detectors/detector.h"
#include "pipeline/scoring/ensemble.h"
#include "pipeline/scoring/partition_cut.h"
#include "pipeline/scoring/stream_plan.h"
#include "pipeline/state/slot_table.h"

namespace tocsin {

/// A block of bytes, zero at first, aligned to 64.
class AlignedBlock {
 public:
  explicit AlignedBlock(std::size_t bytes);
  State bytes() const { return {memory_.get(), size_}; }

 private:
  struct Free {
    void operator()(std::byte* memory) const;
  };
  std::size_t size_;
  std::unique_ptr<std::byte, Free> memory_;
};

/// The shared block, the entities, and the models of groups; and the cut that copies them.
class PartitionState {
 public:
  /// `plan` outlives this.
  PartitionState(const StreamPlan::Inside& plan, RefitRunner& refits);
  PartitionState(const PartitionState&) = delete;
  PartitionState& operator=(const PartitionState&) = delete;

  State shared() const { return shared_.bytes(); }
  SlotTable& entities() { return entities_; }
  const SlotTable& entities() const { return entities_; }
  Ensemble& ensemble() { return ensemble_; }
  const Ensemble& ensemble() const { return ensemble_; }

  PartitionHeader& header() const;
  std::size_t bytes() const;

  // As of `Partition`:
  std::string begin_cut(CutScope scope);
  bool copy_some(std::size_t chunks);
  bool is_cutting() const;
  std::vector<CutChunk> take_copied();
  /// Appends the head and every chunk as they are: a whole cut in one string.
  void save(std::string& out) const;

  /// The entities, and each table of groups; the stores of a cut are theirs, in this order.
  std::span<SlotTable* const> tables() { return tables_; }

 private:
  std::string head() const;

  const StreamPlan::Inside& plan_;
  AlignedBlock shared_;
  SlotTable entities_;
  Ensemble ensemble_;
  std::vector<SlotTable*> tables_;
  std::vector<ChunkStore*> stores_;
};

}  // namespace tocsin
