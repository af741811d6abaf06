// Reads a partition's state records back: which of them a restore needs, and whether they are
// whole.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/result.h"
#include "pipeline/scoring/partition.h"
#include "pipeline/snapshot/chunk_frame.h"
#include "pipeline/snapshot/compression.h"
#include "pipeline/snapshot/partition_mark.h"
#include "pipeline/snapshot/state_record.h"

namespace tocsin {

/// How strictly the chain of state records is checked.
enum class Chain : std::uint8_t {
  exact,  ///< Transactions: committed records are the chain that the mark names, no less, no more.
  loose,  ///< At least once: others may stand between and behind; they are ignored.
  none,   ///< A new lineage begins: whatever there is belongs to others. Only the end is of
          ///< interest.
};

/// A piece for the partition that is being restored.
struct RestorePiece {
  SnapshotPiece piece;
  bool is_older = false;  ///< Of an earlier snapshot: only for chunks that the newest has not.
};

/// Goes through a partition's state records in two readings: first from the start of the snapshot
/// that the mark names to the end of the topic, which proves that the chain is whole; then from the
/// oldest record needed to that start, for the chunks that had not changed.
///
/// Threads: one, the ingest stage's.
class Restoration {
 public:
  /// Where the committed offset has no mark, `mark` is empty, and there must be no record either.
  Restoration(PartitionMark mark, Chain chain);

  /// Where the reading that is due begins.
  std::int64_t read_from() const;
  /// One past the last record that there is, open transactions included.
  void watermark(std::int64_t high);
  /// What the partition needs of this record; empty: nothing. An error refuses the state.
  Result<std::optional<RestorePiece>> take(std::int64_t offset, std::string_view bytes);
  /// The stable end was reached, which may be before the watermark.
  void end(std::int64_t next_offset);
  /// The reading has come to its end.
  bool is_read() const;
  /// Judges it and turns to the next; true: there is one, from `read_from`.
  Result<bool> next_reading();

  /// One past the last record there was; -1: not yet known.
  std::int64_t high() const { return high_; }
  /// What began the snapshot; empty: there is none, and the state begins with the lineage.
  const std::optional<SnapshotStart>& start() const { return start_; }
  std::uint64_t bytes() const { return bytes_; }      ///< Read so far.
  std::uint64_t records() const { return records_; }  ///< Read so far.

 private:
  Result<void> check_chain(const StateRecord& record);
  Result<void> judge() const;
  std::optional<RestorePiece> take_newest(StateRecord& record);
  std::optional<RestorePiece> take_older(StateRecord& record, std::int64_t offset);

  PartitionMark mark_;
  Chain chain_;
  bool is_older_ = false;  // The second reading.
  std::int64_t high_ = -1;
  std::int64_t next_ = 0;  // One past what was read.
  std::uint64_t records_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t chain_number_ = 0;  // Of the last record; 0: none yet.
  bool has_last_ = false;           // The record that the mark names as the last was there.
  std::uint64_t taken_number_ = 0;  // Of the last record taken: others are repetitions.
  std::optional<SnapshotStart> start_;
  std::uint64_t pieces_ = 0;
  std::optional<SnapshotEnd> end_;
};

/// Puts the pieces into a partition.
///
/// Threads: one, the worker's.
class RestoreAssembly {
 public:
  Result<void> add(Partition& partition, const RestorePiece& piece);
  /// All pieces are there.
  Result<RestoreReport> finish(Partition& partition);

 private:
  Result<void> begin(Partition& partition);
  bool is_outdated(ChunkPlace place, bool is_older);

  Decompressor decompressor_;
  std::string head_;
  bool has_begun_ = false;
  ChunkAssembly chunks_;
  std::vector<std::vector<bool>> has_newest_;  // [store][chunk]
};

}  // namespace tocsin
