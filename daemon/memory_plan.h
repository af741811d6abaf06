// How much memory a configuration can come to, part by part.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tocsin {

/// What the parts are computed from: the largest of each, so that the sum is a bound.
struct MemoryNeeds {
  std::size_t partition_bytes = 0;    ///< Largest state of one partition, of any stream.
  int partitions = 1;                 ///< At a time in this process.
  int lanes = 1;                      ///< Each copies one partition at a time for its snapshot.
  std::size_t fetch_queue_bytes = 0;  ///< Records read ahead.
  int workers = 1;
  std::size_t ring_batches = 0;
  std::size_t batch_bytes = 0;  ///< Largest batch of any stream.
  std::size_t epoch_bytes = 0;  ///< Output of one epoch; two exist at a time.
  std::size_t producer_queue_bytes = 0;
};

struct MemoryRow {
  std::string part;
  std::size_t bytes = 0;
};

struct MemoryPlan {
  std::vector<MemoryRow> rows;
  std::size_t sum_bytes = 0;
  std::size_t max_bytes = 0;
  std::size_t partitions_max = 0;  ///< That would fit, all else as it is.

  bool fits() const { return sum_bytes <= max_bytes; }
};

MemoryPlan plan_memory(const MemoryNeeds& needs, std::size_t max_bytes);

/// The plan as a table for people, a line a part, and the sum.
std::string memory_table(const MemoryPlan& plan);

/// `512 B`, `1.5 KiB`, `64 MiB`.
std::string bytes_text(std::size_t bytes);

/// `80659` as `80,659`.
std::string count_text(std::uint64_t count);

}  // namespace tocsin
