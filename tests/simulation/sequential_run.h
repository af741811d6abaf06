// What must come out: each partition's input, record by record, in one unbroken life.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/log/memory_log.h"
#include "tests/simulation/outputs.h"
#include "tests/simulation/workload.h"

namespace tocsin::simulation {

/// A state that somebody has saved: of an input, before a record of it.
struct SavedState {
  std::size_t input = 0;  ///< Index among all inputs.
  std::size_t turns = 0;  ///< Of that input, so many had been taken before.
  std::int64_t offset = 0;
};

/// Where a partition did not simply go on. Of several at one place the last counts.
struct Turn {
  std::int64_t at = 0;              ///< Before this record.
  std::optional<SavedState> state;  ///< It goes on with this; empty: with nothing learned.
  /// Over a gap, and then from here up to `at` again, untold.
  std::int64_t from = 0;
  std::int64_t gap_until = 0;  ///< Records before this offset have the status `gap`.
};

/// The history of an input partition, from offset 0 on, whatever the log has deleted since, and of
/// what people did that changes its results.
struct Input {
  std::string topic;
  std::int32_t partition = 0;
  std::vector<StoredRecord> records;
  std::vector<Turn> turns;         ///< In the order of their places.
  std::set<std::int64_t> missing;  ///< Expired before they were read.
  /// Up to (not including) each offset under that configuration, in order.
  std::vector<std::pair<std::int64_t, std::size_t>> configurations;

  std::int64_t end() const { return static_cast<std::int64_t>(records.size()); }
  std::size_t configuration_at(std::int64_t offset) const;
};

/// How much of everything happened, to see that a workload is not empty of it.
struct Happened {
  std::uint64_t scored = 0, warming_up = 0, rejected = 0, tombstones = 0;
  std::uint64_t anomalies = 0, alerts = 0, evictions = 0, refits = 0, refused = 0;
};

/// Made of one decoder, one partition and one encoder, and of nothing that knows about epochs,
/// transactions, members or restarts.
struct Expected {
  Outputs outputs;
  std::string state;  ///< As `Partition::save` writes it.
  Happened happened;
};
Expected run_sequentially(const std::vector<Input>& inputs, std::size_t index);

}  // namespace tocsin::simulation
