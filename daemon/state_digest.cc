#include "daemon/state_digest.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace tocsin {

void StateDigest::take(std::int64_t offset, std::string_view bytes) {
  ++records_;
  bytes_ += bytes.size();
  Result<StateRecord> record = StateRecord::decode(bytes);
  if (!record) {
    if (trouble_.empty())
      trouble_ = "record at offset " + std::to_string(offset) + ": " + record.error().message;
    return;
  }
  if (std::holds_alternative<JournalEntry>(record->content)) {
    ++journal_;
    return;
  }
  SnapshotDigest& snapshot = snapshot_of(*record);
  if (const auto* piece = std::get_if<SnapshotPiece>(&record->content)) {
    ++snapshot.pieces;
    snapshot.raw_bytes += piece->raw_bytes;
    snapshot.zstd_bytes += piece->zstd.size();
    count_chunks(*record, offset);
  }
  if (const auto* end = std::get_if<SnapshotEnd>(&record->content))
    snapshot.is_complete = snapshot.start && end->pieces == snapshot.pieces;
  if (auto* start = std::get_if<SnapshotStart>(&record->content))
    snapshot.start = std::move(*start);
}

SnapshotDigest& StateDigest::snapshot_of(const StateRecord& record) {
  const auto found = std::ranges::find_if(snapshots_, [&](const SnapshotDigest& one) {
    return one.id == record.snapshot && one.owner == record.owner;
  });
  if (found != snapshots_.end()) return *found;
  snapshots_.push_back({.id = record.snapshot, .owner = record.owner});
  return snapshots_.back();
}

const SnapshotDigest* StateDigest::named() const {
  if (!mark_ || !mark_->snapshot) return nullptr;
  const auto found = std::ranges::find_if(snapshots_, [&](const SnapshotDigest& one) {
    return one.id == mark_->snapshot->id && one.owner == mark_->snapshot->owner && one.start;
  });
  return found == snapshots_.end() ? nullptr : &*found;
}

void StateDigest::count_chunks(const StateRecord& record, std::int64_t offset) {
  const auto& piece = std::get<SnapshotPiece>(record.content);
  if (piece.kind != SnapshotPiece::Kind::chunks || !mark_ || !mark_->snapshot) return;
  const NamedSnapshot& named = *mark_->snapshot;
  if (record.owner != named.owner || offset < named.oldest_offset || record.snapshot > named.id)
    return;
  const Result<std::string> raw = decompressor_.decompress(piece.zstd, piece.raw_bytes);
  const auto parts = raw ? chunk_parts(*raw) : raw.error();
  if (!parts) {
    if (trouble_.empty())
      trouble_ = "record at offset " + std::to_string(offset) + ": " + parts.error().message;
    return;
  }
  for (const ChunkPart& part : *parts) chunks_.insert(part.place);
}

}  // namespace tocsin
