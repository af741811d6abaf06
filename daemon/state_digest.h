// What the records of a partition of a state topic come to, for people.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/snapshot/chunk_frame.h"
#include "pipeline/snapshot/compression.h"
#include "pipeline/snapshot/partition_mark.h"
#include "pipeline/snapshot/state_record.h"

namespace tocsin {

/// A snapshot as its records say it.
struct SnapshotDigest {
  std::uint64_t id = 0;
  std::uint64_t owner = 0;
  std::optional<SnapshotStart> start;  ///< Empty: its record was deleted.
  std::uint64_t pieces = 0;
  std::uint64_t raw_bytes = 0;
  std::uint64_t zstd_bytes = 0;
  bool is_complete = false;  ///< Its end is there, and counts as many pieces.
};

/// Takes records in the order of offsets.
///
/// Threads: one.
class StateDigest {
 public:
  /// `mark`: what the committed offset says, if it does.
  explicit StateDigest(std::optional<PartitionMark> mark) : mark_(std::move(mark)) {}

  void take(std::int64_t offset, std::string_view bytes);

  std::uint64_t records() const { return records_; }
  std::uint64_t bytes() const { return bytes_; }
  std::uint64_t journal() const { return journal_; }  ///< Entries.
  const std::vector<SnapshotDigest>& snapshots() const { return snapshots_; }
  /// The one that the mark names; null: it names none, or it is not there.
  const SnapshotDigest* named() const;
  /// Chunks that a restore of it puts together, those of earlier snapshots included.
  std::size_t chunks() const { return chunks_.size(); }
  /// Why the first record that could not be read could not; empty: all could.
  const std::string& trouble() const { return trouble_; }

 private:
  SnapshotDigest& snapshot_of(const StateRecord& record);
  void count_chunks(const StateRecord& record, std::int64_t offset);

  std::optional<PartitionMark> mark_;
  std::uint64_t records_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t journal_ = 0;
  std::vector<SnapshotDigest> snapshots_;
  std::set<ChunkPlace> chunks_;
  Decompressor decompressor_;
  std::string trouble_;
};

}  // namespace tocsin
