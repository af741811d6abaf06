// Writes a partition's state records: snapshots in pieces, and the journal.

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/scoring/partition.h"
#include "pipeline/snapshot/chunk_frame.h"
#include "pipeline/snapshot/compression.h"
#include "pipeline/snapshot/partition_mark.h"
#include "pipeline/snapshot/state_record.h"

namespace tocsin {

/// Where a partition's state begins with nothing.
struct LineageStart {
  std::int64_t input_offset = 0;
  std::int64_t state_offset = 0;  ///< Of the state topic: its first record there, or later.
};

/// A state record on its way; goes with its epoch's transaction.
struct StateWrite {
  std::string topic;
  std::int32_t partition = 0;
  std::string value;
  std::uint64_t number = 0;  ///< In the partition's chain.
  std::int64_t offset = -1;  ///< Where it was stored; told by the writer.
};

/// The chain of one partition as its owner continues it, and what the offset's metadata must say.
///
/// One snapshot at a time. It begins with a cut between two epochs; its pieces go with the epochs
/// that follow; once the last of them is committed the next mark names it, and from then on a
/// restore needs nothing before the oldest piece that is still the newest of its chunk.
/// The first snapshot of an owner sends everything, so that no piece of another owner is needed
/// afterwards. The next ones send what changed, and an eighth of the rest in turn, so that the
/// oldest piece moves on.
///
/// Threads: one worker's.
class SnapshotWriter {
 public:
  /// Bytes of state in one piece: about 64 KB when compressed.
  static constexpr std::size_t kPieceBytes = 192U << 10U;

  /// `owner` is this instance's. State topic and partition are where the records go.
  SnapshotWriter(std::uint64_t owner, std::string state_topic, std::int32_t partition);

  /// Goes on from what the committed offset's metadata said; `since` are the records replayed.
  void continue_from(const PartitionMark& mark, const RecordTrail& since);
  /// The state begins with nothing.
  void begin_lineage(LineageStart start, const std::string& configuration);
  /// Goes with the next epoch.
  void note(JournalEntry entry) { journal_.push_back(std::move(entry)); }

  /// An input record was handled.
  void handled(std::int64_t offset) {
    since_named_.add(offset);
    if (is_under_way()) since_cut_.add(offset);
  }

  /// Cuts `partition` now. None is under way.
  void begin(Partition& partition, SnapshotStart start);
  bool is_under_way() const { return id_ != 0; }
  /// Copies some chunks, unless enough wait to be written.
  void copy_some(Partition& partition, std::size_t chunks);
  /// Adds this epoch's records: the journal, and pieces of about `raw_bytes_max` bytes of state.
  void write(Partition& partition, std::size_t raw_bytes_max, std::vector<StateWrite>& out);
  /// The epoch with these records of this partition's, in their order, is committed.
  void committed(std::span<const StateWrite> writes);
  /// There is something that an epoch must carry, or name.
  bool wants_epoch() const {
    return !journal_.empty() || needs_naming_ || (is_under_way() && !is_written_);
  }

  /// What the metadata says now of the state topic; `needs_naming` is answered by it.
  void fill(PartitionMark& mark);
  bool needs_naming() const { return needs_naming_; }
  const SnapshotEnd& sum() const { return sum_; }  ///< Of the last snapshot.

 private:
  /// A piece that was written, until it is committed.
  struct Sent {
    std::uint64_t number = 0;
    std::vector<ChunkPlace> chunks;  // Whose newest bytes begin in it.
  };

  void add(StateRecord record, std::vector<StateWrite>& out);
  std::size_t add_head(std::vector<StateWrite>& out);
  std::size_t add_chunks(Partition& partition, std::size_t raw_bytes_max,
                         std::vector<StateWrite>& out);
  void add_piece(SnapshotPiece::Kind kind, std::string_view raw, std::vector<ChunkPlace> chunks,
                 std::vector<StateWrite>& out);
  void name();
  std::int64_t& offset_of(std::vector<std::vector<std::int64_t>>& offsets, ChunkPlace place);

  std::uint64_t owner_;
  std::string topic_;
  std::int32_t partition_;
  Compressor compressor_;

  // The chain.
  ChainPlace last_;
  LineageStart lineage_;
  std::deque<JournalEntry> journal_;
  std::optional<NamedSnapshot> named_;
  std::optional<std::int64_t> resumed_;  // After that one, with a gap.
  RecordTrail since_named_;
  bool needs_naming_ = false;
  bool has_own_snapshot_ = false;
  std::vector<std::vector<std::int64_t>> offsets_;  // [store][chunk] of its newest named piece

  // The snapshot under way.
  std::uint64_t id_ = 0;
  std::int64_t cut_offset_ = 0;
  SnapshotStart start_;
  std::string head_;
  bool is_started_ = false;  // Its start is written.
  bool is_written_ = false;  // So is its end.
  std::deque<CutChunk> copied_;
  std::size_t copied_bytes_ = 0;
  std::size_t part_at_ = 0;  // Of copied_.front(), written already.
  SnapshotEnd sum_;
  RecordTrail since_cut_;
  std::deque<Sent> sent_;
  std::uint64_t end_number_ = 0;
  std::int64_t start_record_offset_ = -1;
  std::vector<std::vector<std::int64_t>> new_offsets_;
};

}  // namespace tocsin
