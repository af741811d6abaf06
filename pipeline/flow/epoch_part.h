// One worker's share of an epoch: what it wrote, and how far its partitions came.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/log/log.h"
#include "pipeline/output/output_arena.h"

namespace tocsin {

/// How far one partition came within an epoch.
struct PartitionCut {
  PartitionHandle handle = 0;
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t next_offset = 0;
  std::int64_t event_time_ms = -1;
  std::string metadata;
};

/// Recycled between a worker and the emit stage; there are two a worker, and that bounds how far
/// workers can run ahead.
struct EpochPart {
  std::uint64_t epoch = 0;
  OutputArena output;
  std::vector<PartitionCut> cuts;  ///< The first `cut_count` count; kept to keep their strings.
  std::size_t cut_count = 0;

  PartitionCut& add_cut() {
    if (cut_count == cuts.size()) cuts.emplace_back();
    return cuts[cut_count++];
  }
  void clear() {
    output.clear();
    cut_count = 0;
  }
};

}  // namespace tocsin
