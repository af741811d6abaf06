// What a change of the configuration leaves of a partition's state, and what begins anew.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "detectors/detector.h"
#include "pipeline/scoring/incidents.h"
#include "pipeline/scoring/partition_cut.h"
#include "pipeline/scoring/state_layout.h"

namespace tocsin {

/// Compares the layout that state was saved under with that of now.
///
/// A block is kept when a block of the same meaning was there before. Where what names an entity
/// has changed, nothing is kept.
class StateChange {
 public:
  StateChange(StateLayout before, StateLayout now);
  StateChange(const StateChange&) = delete;
  StateChange& operator=(const StateChange&) = delete;

  const StateLayout& before() const { return before_; }
  const StateLayout& now() const { return now_; }

  bool keeps_entities() const { return before_.entities == now_.entities; }
  bool keeps_any_detector() const;
  /// The block before that block `now` (its place among the blocks of now) goes on from, or null.
  const StateBlock* source_of(std::size_t now) const;
  /// Where a detector before stands now, or the one of its kind that has taken its place.
  std::optional<std::size_t> detector_now(std::size_t before) const;
  std::optional<std::size_t> feature_now(std::size_t before) const;
  /// Whether the incidents that were open can be read.
  bool reads_incidents() const;
  /// Those, in the shared block before. Needs reads_incidents().
  Incidents incidents_before(State shared) const;
  /// Whether they go on.
  bool keeps_incidents() const { return keeps_entities() && reads_incidents(); }
  /// Whether event times are what they were.
  bool keeps_time() const;

  /// What there was and what there is.
  struct Counts {
    std::uint64_t entities_before = 0, entities = 0;
    std::uint64_t incidents_before = 0, incidents = 0;
    std::vector<std::uint64_t> groups_before;  ///< Models of each table.
  };
  /// A sentence for each detector, and for each other part that begins anew.
  RestoreReport report(const Counts& counts) const;

 private:
  void match_detectors();
  DetectorFate fate_of(std::size_t block, const Counts& counts) const;
  std::string label_of(const StateBlock& block, const StateLayout& layout) const;
  void add_parts(std::vector<std::string>& sentences) const;
  void add_losses(std::vector<std::string>& sentences, const Counts& counts) const;

  StateLayout before_;
  StateLayout now_;
  std::vector<const StateBlock*> sources_;       // [blocks now]
  std::vector<const StateBlock*> predecessors_;  // [blocks now] Of detectors that begin anew.
  std::vector<std::optional<std::size_t>> detectors_now_;  // [detectors before]
};

}  // namespace tocsin
