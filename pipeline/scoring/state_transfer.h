// Moves what a change of the configuration leaves of a partition's state into its new layout.

#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "detectors/result.h"
#include "pipeline/scoring/partition_state.h"
#include "pipeline/scoring/saved_head.h"
#include "pipeline/scoring/state_change.h"

namespace tocsin {

/// Needs memory for both layouts while it lasts. Whatever is not kept is as in a partition that has
/// seen nothing, but for the sequence and the next offset, which stay in step with the input.
class StateTransfer {
 public:
  /// `plan` and `into`, a state that has seen nothing, outlive this.
  StateTransfer(const SavedHead& head, const StreamPlan::Inside& plan, PartitionState& into);

  const StateChange& change() const { return change_; }
  /// To be filled with the entities as they were saved, before `finish`.
  SlotTable& entities_before() { return entities_before_; }
  State shared_before() const { return shared_before_.bytes(); }

  /// Tables of groups are in place. Moves the rest.
  RestoreReport finish();

  /// What a head alone tells of the restore that would follow it.
  static RestoreReport foreseen(const SavedHead& head, const StreamPlan::Inside& plan);

 private:
  static constexpr SlotIndex kGone = std::numeric_limits<SlotIndex>::max();

  void move_shared();
  void move_entities();
  std::vector<SlotIndex> survivors() const;
  void carry_incidents();
  void carry_parked(const Incidents& before, Incidents& now);
  const Incidents::Mark& mark_before(SlotIndex slot) const;
  Incidents::Incident translated(const Incidents::Incident& before) const;

  const StreamPlan::Inside& plan_;
  PartitionState& into_;
  StateChange change_;
  AlignedBlock shared_before_;
  SlotTable entities_before_;
  std::vector<SlotIndex> slot_now_;  // [entities before]
  StateChange::Counts counts_;
};

}  // namespace tocsin
