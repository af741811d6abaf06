// Whose state is saved next, and when.

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

#include "pipeline/flow/flow_settings.h"
#include "pipeline/flow/input_partition.h"
#include "pipeline/flow/lanes.h"

namespace tocsin {

/// One partition at a time: each about every interval, in turn; sooner when replaying what came
/// since its last snapshot would take more than ten seconds; later while snapshots take more than
/// a tenth of the work. A partition in which nothing happened needs none.
///
/// Nothing that depends on this can reach a score, so it may look at clocks.
/// Threads: the ingest stage's.
class SnapshotSchedule {
 public:
  /// References outlive this.
  SnapshotSchedule(const FlowSettings& settings, Lanes& lanes)
      : settings_(settings), lanes_(lanes) {}

  /// A partition has become live: its first snapshot is due within the interval.
  void add(InputPartition& input, std::int64_t now_ns);
  /// The partition to cut now, or null. When the process ends, each in which something happened is
  /// due at once.
  InputPartition* next(std::map<PartitionHandle, InputPartition>& inputs, std::int64_t now_ns,
                       bool is_ending);
  /// `input` is being cut.
  void begun(InputPartition& input, std::int64_t now_ns);

  /// A cut has been made whose snapshot no mark names yet.
  bool is_under_way() const;
  void give_up() { has_given_up_ = true; }
  bool has_given_up() const { return has_given_up_; }

 private:
  bool is_due(const InputPartition& input, std::int64_t now_ns) const;
  bool is_too_dear(std::int64_t now_ns) const;

  const FlowSettings& settings_;
  Lanes& lanes_;
  std::uint64_t begun_ = 0;
  std::uint64_t added_ = 0;
  std::uint64_t rows_ns_at_last_ = 0;  // Work of all workers when the last one began.
  std::int64_t last_begun_ns_ = 0;
  bool has_given_up_ = false;
};

}  // namespace tocsin
