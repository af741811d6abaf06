#include "pipeline/snapshot/snapshot_search.h"

#include <utility>
#include <variant>

namespace tocsin {

void SnapshotSearch::take(std::int64_t offset, std::string_view bytes) {
  const Result<StateRecord> record = StateRecord::decode(bytes);
  if (!record) {
    if (trouble_.empty())
      trouble_ = "state record at offset " + std::to_string(offset) + ": " + record.error().message;
    return;
  }
  // Another lineage, or a hole: what was before does not belong to what follows.
  if (record->number != last_.number + 1) forget();
  if (first_offset_ < 0) first_offset_ = offset;
  last_ = {.number = record->number, .owner = record->owner};
  if (std::holds_alternative<SnapshotStart>(record->content)) begin(*record, offset);
  if (!under_way_ || record->snapshot != under_way_->snapshot->id ||
      record->owner != under_way_->owner)
    return;
  if (std::holds_alternative<SnapshotPiece>(record->content)) ++pieces_;
  if (std::holds_alternative<SnapshotEnd>(record->content)) end(*record);
}

void SnapshotSearch::forget() {
  found_.reset();
  under_way_.reset();
  whole_by_ = 0;
  oldest_offset_ = first_offset_ = -1;
}

void SnapshotSearch::begin(const StateRecord& record, std::int64_t offset) {
  const auto& start = std::get<SnapshotStart>(record.content);
  if (start.is_whole) {
    oldest_offset_ = offset;
    whole_by_ = record.owner;
  }
  // Where the whole one of its owner has been trimmed, all that is needed is still there.
  const std::int64_t oldest = whole_by_ == record.owner ? oldest_offset_ : first_offset_;
  pieces_ = 0;
  under_way_ = PartitionMark{.sequence = start.sequence,
                             .definition = start.definition,
                             .owner = record.owner,
                             .lineage_offset = start.input_offset,
                             .snapshot = NamedSnapshot{.id = record.number,
                                                       .owner = record.owner,
                                                       .start_offset = offset,
                                                       .oldest_offset = oldest,
                                                       .input_offset = start.input_offset}};
}

void SnapshotSearch::end(const StateRecord& record) {
  if (std::get<SnapshotEnd>(record.content).pieces == pieces_) found_ = std::move(under_way_);
  under_way_.reset();
}

std::optional<PartitionMark> SnapshotSearch::mark() const {
  std::optional<PartitionMark> mark = found_;
  if (mark) mark->last = last_;
  return mark;
}

}  // namespace tocsin
