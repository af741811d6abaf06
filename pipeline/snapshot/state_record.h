// The records of a state topic (proto/state.proto), as plain values.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "detectors/result.h"

namespace tocsin {

/// A cut: the pieces that follow are of the state as it was here.
struct SnapshotStart {
  std::int64_t input_offset = 0;  ///< First input record that is not in it.
  std::uint64_t sequence = 0;     ///< Records handled before.
  std::string definition;
  std::string decoder;           ///< What the decoder knew.
  std::string input_definition;  ///< Hash of what decides the meaning of that.
  bool is_whole = false;         ///< Every piece is sent, not only what changed.
  std::int64_t written_ms = 0;   ///< For people only; 0: unknown.
  std::uint64_t entities = 0;
};

/// Compressed bytes of the state.
struct SnapshotPiece {
  enum class Kind : std::uint8_t {
    head,    ///< The next bytes of what does not lie in chunks.
    chunks,  ///< See chunk_frame.h.
  };
  Kind kind = Kind::head;
  std::uint32_t raw_bytes = 0;
  std::string zstd;
};

/// The snapshot is complete.
struct SnapshotEnd {
  std::uint64_t pieces = 0;
  std::uint64_t raw_bytes = 0;
  std::uint64_t zstd_bytes = 0;
};

/// Something that is not input has changed what becomes of input, from `input_offset` on.
struct JournalEntry {
  enum class Kind : std::uint8_t {
    lineage_began,  ///< The partition's state began with nothing.
    configuration,  ///< Another configuration.
    gap,            ///< Input up to `gap_end` was gone, and the operator went on. Where that
                    ///< lies before `input_offset`, the topic was recreated.
  };
  Kind kind = Kind::lineage_began;
  std::int64_t input_offset = 0;
  std::int64_t gap_end = 0;
  std::string configuration;
  std::string definition;
};

struct StateRecord {
  std::uint64_t number = 0;    ///< Place in the partition's chain, from 1.
  std::uint64_t owner = 0;     ///< Instance that wrote it.
  std::uint64_t snapshot = 0;  ///< Number of the start that it belongs to; 0: none.
  std::variant<SnapshotStart, SnapshotPiece, SnapshotEnd, JournalEntry> content;

  std::string encode() const;
  /// An error says that the bytes are no state record, or of a format that cannot be read.
  static Result<StateRecord> decode(std::string_view bytes);
};

}  // namespace tocsin
