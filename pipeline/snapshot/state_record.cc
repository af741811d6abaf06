#include "pipeline/snapshot/state_record.h"

#include <limits>
#include <optional>
#include <utility>

#include "state.pb.h"

namespace tocsin {
namespace {

/// Layout of StateRecord and of what is inside its bytes.
constexpr std::uint32_t kFormat = 1;

void fill(const SnapshotStart& start, v1::StateRecord& out) {
  v1::SnapshotStart& to = *out.mutable_start();
  to.set_input_offset(start.input_offset);
  to.set_sequence(start.sequence);
  to.set_definition(start.definition);
  to.set_decoder(start.decoder);
  to.set_input_definition(start.input_definition);
  to.set_whole(start.is_whole);
  to.set_written_ms(start.written_ms);
  to.set_entities(start.entities);
}

void fill(const SnapshotPiece& piece, v1::StateRecord& out) {
  v1::SnapshotPiece& to = *out.mutable_piece();
  to.set_kind(piece.kind == SnapshotPiece::Kind::head ? v1::SnapshotPiece::head
                                                      : v1::SnapshotPiece::chunks);
  to.set_raw_bytes(piece.raw_bytes);
  to.set_zstd(piece.zstd);
}

void fill(const SnapshotEnd& end, v1::StateRecord& out) {
  v1::SnapshotEnd& to = *out.mutable_end();
  to.set_pieces(end.pieces);
  to.set_raw_bytes(end.raw_bytes);
  to.set_zstd_bytes(end.zstd_bytes);
}

/// The journal's kinds have the schema's order, which begins with one that means nothing.
void fill(const JournalEntry& entry, v1::StateRecord& out) {
  v1::JournalEntry& to = *out.mutable_journal();
  to.set_kind(static_cast<v1::JournalEntry::Kind>(static_cast<int>(entry.kind) + 1));
  to.set_input_offset(entry.input_offset);
  to.set_gap_end(entry.gap_end);
  to.set_configuration(entry.configuration);
  to.set_definition(entry.definition);
}

SnapshotStart take(v1::SnapshotStart& from) {
  return {.input_offset = from.input_offset(),
          .sequence = from.sequence(),
          .definition = std::move(*from.mutable_definition()),
          .decoder = std::move(*from.mutable_decoder()),
          .input_definition = std::move(*from.mutable_input_definition()),
          .is_whole = from.whole(),
          .written_ms = from.written_ms(),
          .entities = from.entities()};
}

std::optional<SnapshotPiece> take(v1::SnapshotPiece& from) {
  if (from.kind() != v1::SnapshotPiece::head && from.kind() != v1::SnapshotPiece::chunks) {
    return std::nullopt;
  }
  return SnapshotPiece{.kind = from.kind() == v1::SnapshotPiece::head ? SnapshotPiece::Kind::head
                                                                      : SnapshotPiece::Kind::chunks,
                       .raw_bytes = from.raw_bytes(),
                       .zstd = std::move(*from.mutable_zstd())};
}

SnapshotEnd take(const v1::SnapshotEnd& from) {
  return {.pieces = from.pieces(), .raw_bytes = from.raw_bytes(), .zstd_bytes = from.zstd_bytes()};
}

std::optional<JournalEntry> take(v1::JournalEntry& from) {
  const int kind = static_cast<int>(from.kind()) - 1;
  if (kind < 0 || kind > static_cast<int>(JournalEntry::Kind::gap)) return std::nullopt;
  return JournalEntry{.kind = static_cast<JournalEntry::Kind>(kind),
                      .input_offset = from.input_offset(),
                      .gap_end = from.gap_end(),
                      .configuration = std::move(*from.mutable_configuration()),
                      .definition = std::move(*from.mutable_definition())};
}

/// False where the content is of a kind that this program does not know.
bool take_content(v1::StateRecord& from, StateRecord& to) {
  switch (from.content_case()) {
    case v1::StateRecord::kStart:
      to.content = take(*from.mutable_start());
      return true;
    case v1::StateRecord::kPiece: {
      auto piece = take(*from.mutable_piece());
      if (piece) to.content = *std::move(piece);
      return piece.has_value();
    }
    case v1::StateRecord::kEnd:
      to.content = take(from.end());
      return true;
    case v1::StateRecord::kJournal: {
      auto entry = take(*from.mutable_journal());
      if (entry) to.content = *std::move(entry);
      return entry.has_value();
    }
    case v1::StateRecord::CONTENT_NOT_SET:
      break;
  }
  return false;
}

}  // namespace

std::string StateRecord::encode() const {
  v1::StateRecord out;
  out.set_format(kFormat);
  out.set_number(number);
  out.set_owner(owner);
  out.set_snapshot(snapshot);
  std::visit([&out](const auto& one) { fill(one, out); }, content);
  return out.SerializeAsString();
}

Result<StateRecord> StateRecord::decode(std::string_view bytes) {
  v1::StateRecord in;
  if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()) ||
      !in.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Error{"this is no state record of tocsin's"};
  }
  if (in.format() != kFormat) {
    return Error{"a state record has format " + std::to_string(in.format()) +
                 ", this program reads " + std::to_string(kFormat)};
  }
  StateRecord out{.number = in.number(), .owner = in.owner(), .snapshot = in.snapshot()};
  if (!take_content(in, out)) return Error{"a state record is of a kind that is not known here"};
  return out;
}

}  // namespace tocsin
