#include "pipeline/snapshot/restoration.h"

#include <algorithm>
#include <span>
#include <utility>

#include "pipeline/scoring/partition.h"

namespace tocsin {
namespace {

constexpr std::string_view kWayOut = "; `tocsin state reset` begins a new lineage without it";

Error refused(const std::string& why) { return Error{why + std::string(kWayOut)}; }

}  // namespace

Restoration::Restoration(PartitionMark mark, Chain chain)
    : mark_(std::move(mark)), chain_(chain), next_(read_from()) {}

std::int64_t Restoration::read_from() const {
  if (!mark_.snapshot) return mark_.state_offset;
  return is_older_ ? mark_.snapshot->oldest_offset : mark_.snapshot->start_offset;
}

void Restoration::watermark(std::int64_t high) { high_ = high; }

void Restoration::end(std::int64_t next_offset) { next_ = std::max(next_, next_offset); }

bool Restoration::is_read() const {
  if (is_older_) return next_ >= mark_.snapshot->start_offset;
  if (chain_ == Chain::none) return high_ >= 0;
  return high_ >= 0 && next_ >= high_;
}

Result<std::optional<RestorePiece>> Restoration::take(std::int64_t offset, std::string_view bytes) {
  if (chain_ == Chain::none) return std::optional<RestorePiece>();
  next_ = std::max(next_, offset + 1);
  ++records_;
  bytes_ += bytes.size();
  Result<StateRecord> record = StateRecord::decode(bytes);
  if (!record) {
    return refused("state record at offset " + std::to_string(offset) + ": " +
                   record.error().message);
  }
  if (is_older_) return take_older(*record, offset);
  if (Result<void> checked = check_chain(*record); !checked) return checked.error();
  return take_newest(*record);
}

Result<void> Restoration::check_chain(const StateRecord& record) {
  const bool is_last = ChainPlace{record.number, record.owner} == mark_.last;
  if (chain_ == Chain::exact) {
    if (mark_.last.number == 0) {
      return Error{
          "the state topic holds state, but the group has no offset with metadata that names it; "
          "`tocsin state reset --to-snapshot` goes on with the last snapshot; `tocsin state "
          "reset`, or a start with `--from`, begins a new lineage"};
    }
    if (has_last_) {
      return refused("the state topic goes on with record " + std::to_string(record.number) +
                     " after the last that the committed offset knows, " +
                     std::to_string(mark_.last.number) + ": the offset was set back");
    }
    if (chain_number_ != 0 && record.number != chain_number_ + 1) {
      return refused("the state topic's record " + std::to_string(chain_number_) +
                     " is followed by " + std::to_string(record.number) + ": something is missing");
    }
  }
  chain_number_ = record.number;
  has_last_ = has_last_ || is_last;
  return {};
}

std::optional<RestorePiece> Restoration::take_newest(StateRecord& record) {
  if (!mark_.snapshot) return std::nullopt;
  const NamedSnapshot& named = *mark_.snapshot;
  if (record.snapshot != named.id || record.owner != named.owner) return std::nullopt;
  if (record.number <= taken_number_) return std::nullopt;
  taken_number_ = record.number;
  if (auto* start = std::get_if<SnapshotStart>(&record.content)) start_ = std::move(*start);
  if (auto* end = std::get_if<SnapshotEnd>(&record.content)) end_ = *end;
  if (auto* piece = std::get_if<SnapshotPiece>(&record.content)) {
    ++pieces_;
    return RestorePiece{.piece = std::move(*piece)};
  }
  return std::nullopt;
}

std::optional<RestorePiece> Restoration::take_older(StateRecord& record, std::int64_t offset) {
  const NamedSnapshot& named = *mark_.snapshot;
  if (offset >= named.start_offset || record.owner != named.owner) return std::nullopt;
  if (record.number <= taken_number_) return std::nullopt;
  taken_number_ = record.number;
  auto* piece = std::get_if<SnapshotPiece>(&record.content);
  if (piece == nullptr || piece->kind != SnapshotPiece::Kind::chunks) return std::nullopt;
  return RestorePiece{.piece = std::move(*piece), .is_older = true};
}

Result<void> Restoration::judge() const {
  if (!has_last_ && mark_.last.number > 0) {
    return refused("the state topic lacks record " + std::to_string(mark_.last.number) +
                   ", the last that the committed offset names (it was deleted, or the topic was "
                   "made anew)");
  }
  if (!mark_.snapshot) return {};
  const std::string name = "snapshot " + std::to_string(mark_.snapshot->id);
  if (!start_) return refused(name + " lacks its start, at offset " + std::to_string(read_from()));
  if (!end_ || end_->pieces != pieces_) {
    return refused(name + " has " + std::to_string(pieces_) + " pieces where its end " +
                   (end_ ? "counts " + std::to_string(end_->pieces) : "is missing"));
  }
  return {};
}

Result<bool> Restoration::next_reading() {
  if (is_older_) return false;
  if (Result<void> judged = judge(); !judged) return judged.error();
  if (!mark_.snapshot || mark_.snapshot->oldest_offset >= mark_.snapshot->start_offset) {
    return false;
  }
  is_older_ = true;
  next_ = read_from();
  taken_number_ = 0;
  return true;
}

Result<void> RestoreAssembly::add(Partition& partition, const RestorePiece& piece) {
  Result<std::string> raw = decompressor_.decompress(piece.piece.zstd, piece.piece.raw_bytes);
  if (!raw) return raw.error();
  if (piece.piece.kind == SnapshotPiece::Kind::head) {
    head_ += *raw;
    return {};
  }
  if (Result<void> begun = begin(partition); !begun) return begun;
  const auto parts = chunk_parts(*raw);
  if (!parts) return parts.error();
  for (const ChunkPart& part : *parts) {
    const std::string_view chunk = chunks_.add(part);
    if (chunk.empty() || is_outdated(part.place, piece.is_older)) continue;
    const CutChunkView view{.store = part.place.store,
                            .chunk = part.place.chunk,
                            .bytes = std::as_bytes(std::span(chunk.data(), chunk.size()))};
    if (Result<void> put = partition.put(view); !put) return put;
  }
  return {};
}

/// Whether the newest snapshot had this chunk; notes those that it has.
bool RestoreAssembly::is_outdated(ChunkPlace place, bool is_older) {
  if (has_newest_.size() <= place.store) has_newest_.resize(place.store + 1);
  std::vector<bool>& has = has_newest_[place.store];
  if (has.size() <= place.chunk) has.resize(place.chunk + 1);
  if (is_older) return has[place.chunk];
  has[place.chunk] = true;
  return false;
}

Result<void> RestoreAssembly::begin(Partition& partition) {
  if (std::exchange(has_begun_, true)) return {};
  return partition.begin_restore(head_);
}

Result<RestoreReport> RestoreAssembly::finish(Partition& partition) {
  if (Result<void> begun = begin(partition); !begun) return begun.error();
  return partition.finish_restore();
}

}  // namespace tocsin
