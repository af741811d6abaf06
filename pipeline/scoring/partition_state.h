// Everything that a partition's events have taught, and its bytes.

#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "detectors/detector.h"
#include "detectors/result.h"
#include "pipeline/scoring/ensemble.h"
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

/// The shared block, the entities, and the models of groups.
///
/// Saved as: a magic word with the format's number, the definition hash, and the three parts,
/// each after its length.
class PartitionState {
 public:
  /// `plan` outlives this.
  PartitionState(const StreamPlan::Inside& plan, RefitRunner& refits);

  State shared() const { return shared_.bytes(); }
  SlotTable& entities() { return entities_; }
  const SlotTable& entities() const { return entities_; }
  Ensemble& ensemble() { return ensemble_; }
  const Ensemble& ensemble() const { return ensemble_; }

  PartitionHeader& header() const;
  std::size_t bytes() const;

  void save(std::string& out) const;
  /// On failure the state is undefined: restore into a fresh one.
  Result<void> restore(std::string_view bytes);

 private:
  const StreamPlan::Inside& plan_;
  AlignedBlock shared_;
  SlotTable entities_;
  Ensemble ensemble_;
};

}  // namespace tocsin
