// One worker's share of an epoch: what it wrote, and how far its partitions came.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/log/log.h"
#include "pipeline/output/output_arena.h"
#include "pipeline/snapshot/snapshot_writer.h"

namespace tocsin {

/// How far one partition came within an epoch.
struct PartitionCut {
  PartitionHandle handle = 0;
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t next_offset = 0;
  std::int64_t event_time_ms = -1;
  std::string metadata;
  /// State records before it are needless once this is committed; -1: nothing new.
  std::int64_t trim_before = -1;
};

/// The state records of one partition in an epoch.
struct StateShare {
  PartitionHandle handle = 0;
  std::size_t first = 0;
  std::size_t count = 0;
};

/// Recycled between a worker and the emit stage; there are two a worker, and that bounds how far
/// workers can run ahead.
struct EpochPart {
  std::uint64_t epoch = 0;
  OutputArena output;
  std::vector<PartitionCut> cuts;  ///< The first `cut_count` count; kept to keep their strings.
  std::size_t cut_count = 0;
  /// State records, after those of `output`: those of one partition after another.
  std::vector<StateWrite> state;
  std::vector<StateShare> state_shares;
  bool is_committed = false;

  PartitionCut& add_cut() {
    if (cut_count == cuts.size()) cuts.emplace_back();
    return cuts[cut_count++];
  }
  void clear() {
    output.clear();
    cut_count = 0;
    state.clear();
    state_shares.clear();
    is_committed = false;
  }
};

}  // namespace tocsin
