#include "pipeline/snapshot/snapshot_writer.h"

#include <algorithm>
#include <utility>

namespace tocsin {
namespace {

constexpr std::int64_t kNone = -1;

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

SnapshotWriter::SnapshotWriter(std::uint64_t owner, std::string state_topic, std::int32_t partition)
    : owner_(owner), topic_(std::move(state_topic)), partition_(partition) {}

void SnapshotWriter::continue_from(const PartitionMark& mark, const RecordTrail& since) {
  last_ = mark.last;
  lineage_ = {.input_offset = mark.lineage_offset, .state_offset = mark.state_offset};
  named_ = mark.snapshot;
  resumed_ = mark.resumed;
  since_named_ = since;
}

void SnapshotWriter::begin_lineage(LineageStart start, const std::string& configuration) {
  lineage_ = start;
  note({.kind = JournalEntry::Kind::lineage_began,
        .input_offset = start.input_offset,
        .configuration = configuration});
}

void SnapshotWriter::begin(Partition& partition, SnapshotStart start) {
  start.is_whole = !has_own_snapshot_;
  head_ = partition.begin_cut(start.is_whole ? CutScope::whole : CutScope::changed);
  cut_offset_ = start.input_offset;
  start_ = std::move(start);
  id_ = UINT64_MAX;  // Until its start has a number.
  is_started_ = is_written_ = false;
  sum_ = {};
  since_cut_ = {};
  end_number_ = 0;
  start_record_offset_ = kNone;
  new_offsets_.clear();
}

void SnapshotWriter::copy_some(Partition& partition, std::size_t chunks) {
  constexpr std::size_t kWaitingMax = 4 * kPieceBytes;
  if (!partition.is_cutting() || copied_bytes_ > kWaitingMax) return;
  partition.copy_some(chunks);
  for (CutChunk& chunk : partition.take_copied()) {
    copied_bytes_ += chunk.bytes.size();
    copied_.push_back(std::move(chunk));
  }
}

void SnapshotWriter::write(Partition& partition, std::size_t raw_bytes_max,
                           std::vector<StateWrite>& out) {
  for (JournalEntry& entry : journal_) add({.content = std::move(entry)}, out);
  journal_.clear();
  if (!is_under_way() || is_written_) return;
  if (!std::exchange(is_started_, true)) {
    id_ = last_.number + 1;
    add({.snapshot = id_, .content = std::move(start_)}, out);
  }
  std::size_t raw = add_head(out);
  if (raw < raw_bytes_max) raw += add_chunks(partition, raw_bytes_max - raw, out);
  if (!head_.empty() || !copied_.empty() || partition.is_cutting()) return;
  add({.snapshot = id_, .content = sum_}, out);
  end_number_ = last_.number;
  is_written_ = true;
}

void SnapshotWriter::add(StateRecord record, std::vector<StateWrite>& out) {
  last_ = {.number = last_.number + 1, .owner = owner_};
  record.number = last_.number;
  record.owner = owner_;
  out.push_back({.topic = topic_,
                 .partition = partition_,
                 .value = record.encode(),
                 .number = record.number});
}

/// The head is a few megabytes at most, and goes whole.
std::size_t SnapshotWriter::add_head(std::vector<StateWrite>& out) {
  const std::string head = std::exchange(head_, {});
  for (std::size_t at = 0; at < head.size(); at += kPieceBytes) {
    add_piece(SnapshotPiece::Kind::head, std::string_view(head).substr(at, kPieceBytes), {}, out);
  }
  return head.size();
}

std::size_t SnapshotWriter::add_chunks(Partition& partition, std::size_t raw_bytes_max,
                                       std::vector<StateWrite>& out) {
  constexpr std::size_t kChunksAtOnce = 64;
  std::string frame;
  std::vector<ChunkPlace> begun;
  std::size_t raw = 0;
  while (raw < raw_bytes_max) {
    if (copied_.empty()) copy_some(partition, kChunksAtOnce);
    if (copied_.empty()) break;
    const CutChunk& chunk = copied_.front();
    const ChunkPlace place{.store = chunk.store, .chunk = chunk.chunk};
    const std::string_view bytes = text_of(chunk.bytes);
    const std::string_view part = bytes.substr(part_at_, kPieceBytes);
    if (part_at_ == 0) begun.push_back(place);
    append_chunk_part(frame, {.place = place,
                              .offset = static_cast<std::uint32_t>(part_at_),
                              .chunk_bytes = static_cast<std::uint32_t>(bytes.size()),
                              .bytes = part});
    part_at_ += part.size();
    raw += part.size();
    if (part_at_ == bytes.size()) {
      copied_bytes_ -= bytes.size();
      copied_.pop_front();
      part_at_ = 0;
    }
    if (frame.size() < kPieceBytes) continue;
    add_piece(SnapshotPiece::Kind::chunks, std::exchange(frame, {}), std::exchange(begun, {}), out);
  }
  if (!frame.empty()) add_piece(SnapshotPiece::Kind::chunks, frame, std::move(begun), out);
  return raw;
}

void SnapshotWriter::add_piece(SnapshotPiece::Kind kind, std::string_view raw,
                               std::vector<ChunkPlace> chunks, std::vector<StateWrite>& out) {
  SnapshotPiece piece{.kind = kind,
                      .raw_bytes = static_cast<std::uint32_t>(raw.size()),
                      .zstd = compressor_.compress(raw)};
  ++sum_.pieces;
  sum_.raw_bytes += raw.size();
  sum_.zstd_bytes += piece.zstd.size();
  add({.snapshot = id_, .content = std::move(piece)}, out);
  sent_.push_back({.number = last_.number, .chunks = std::move(chunks)});
}

void SnapshotWriter::committed(std::span<const StateWrite> writes) {
  for (const StateWrite& write : writes) {
    if (is_under_way() && write.number == id_) start_record_offset_ = write.offset;
    if (!sent_.empty() && sent_.front().number == write.number) {
      for (const ChunkPlace place : sent_.front().chunks) {
        offset_of(new_offsets_, place) = write.offset;
      }
      sent_.pop_front();
    }
    if (is_under_way() && is_written_ && write.number == end_number_) name();
  }
}

std::int64_t& SnapshotWriter::offset_of(std::vector<std::vector<std::int64_t>>& offsets,
                                        ChunkPlace place) {
  if (offsets.size() <= place.store) offsets.resize(place.store + 1);
  auto& of_store = offsets[place.store];
  if (of_store.size() <= place.chunk) of_store.resize(place.chunk + 1, kNone);
  return of_store[place.chunk];
}

void SnapshotWriter::name() {
  if (!has_own_snapshot_) offsets_.clear();  // Those of another owner are needed no more.
  std::int64_t oldest = start_record_offset_;
  for (std::uint32_t store = 0; store < new_offsets_.size(); ++store) {
    for (std::uint32_t chunk = 0; chunk < new_offsets_[store].size(); ++chunk) {
      if (new_offsets_[store][chunk] != kNone) {
        offset_of(offsets_, {.store = store, .chunk = chunk}) = new_offsets_[store][chunk];
      }
    }
  }
  for (const auto& of_store : offsets_) {
    for (const std::int64_t offset : of_store) {
      if (offset != kNone) oldest = std::min(oldest, offset);
    }
  }
  named_ = NamedSnapshot{.id = id_,
                         .owner = owner_,
                         .start_offset = start_record_offset_,
                         .oldest_offset = oldest,
                         .input_offset = cut_offset_};
  resumed_.reset();
  since_named_ = since_cut_;
  has_own_snapshot_ = true;
  needs_naming_ = true;
  id_ = 0;
}

void SnapshotWriter::fill(PartitionMark& mark) {
  mark.owner = owner_;
  mark.lineage_offset = lineage_.input_offset;
  mark.state_offset = lineage_.state_offset;
  mark.last = last_;
  mark.snapshot = named_;
  mark.resumed = resumed_;
  mark.since = since_named_;
  needs_naming_ = false;
}

}  // namespace tocsin
