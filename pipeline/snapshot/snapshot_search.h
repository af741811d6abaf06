// Finds the last whole snapshot among a partition's state records, where no committed offset names
// one any more.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "pipeline/snapshot/partition_mark.h"
#include "pipeline/snapshot/state_record.h"

namespace tocsin {

/// Takes all committed records of a state partition, in the order of offsets. Kafka forgets a
/// group's offsets with the topic that they are of, and after a week without members; what was
/// learned is still there. A mark made of it names the state as of the snapshot: what came after
/// is to be handled again.
///
/// For exactly-once only: without transactions a partition has records of several owners.
/// Threads: one.
class SnapshotSearch {
 public:
  void take(std::int64_t offset, std::string_view bytes);

  /// What to leave beside the offset `snapshot->input_offset`, so that a start takes this state;
  /// empty: there is no whole snapshot.
  std::optional<PartitionMark> mark() const;
  /// Why a record could not be read; empty: all could.
  const std::string& trouble() const { return trouble_; }

 private:
  void forget();
  void begin(const StateRecord& record, std::int64_t offset);
  void end(const StateRecord& record);

  ChainPlace last_;
  std::optional<PartitionMark> found_;
  std::optional<PartitionMark> under_way_;  // A snapshot whose end has not come.
  std::uint64_t pieces_ = 0;                // Of that one.
  std::int64_t oldest_offset_ = -1;         // From which on its owner has sent all; -1: nowhere.
  std::uint64_t whole_by_ = 0;              // That owner.
  std::int64_t first_offset_ = -1;          // Of all records.
  std::string trouble_;
};

}  // namespace tocsin
