// A partition's state as it was between two records, in pieces: a head, and chunks.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "pipeline/state/chunk_store.h"

namespace tocsin {

/// A piece of a partition's state as it was at a cut: a chunk of one of its stores, sealed, so
/// that a restore sees any damage.
struct CutChunk {
  std::uint32_t store = 0;  ///< Of the partition: the entities' slots, their long keys, each
                            ///< group table's slots, its long keys.
  std::uint32_t chunk = 0;
  std::vector<std::byte> bytes;
};

/// The same, looked at.
struct CutChunkView {
  std::uint32_t store = 0;
  std::uint32_t chunk = 0;
  std::span<const std::byte> bytes;
};

/// What a chunk's seal says of where it belongs; that of a head is 0.
inline std::uint64_t place_of(std::uint32_t store, std::uint32_t chunk) {
  return ((std::uint64_t{store} << 32U) | chunk) + 1;
}

/// What becomes of a detector's memory in a restore.
struct DetectorFate {
  enum class Kept : std::uint8_t {
    nothing,   ///< It starts anew.
    model,     ///< The one that the partition shares.
    entities,  ///< So many as `count` says.
    groups,    ///< The same.
  };
  std::string detector;  ///< As the user knows it: its type, and its place where there are several.
  Kept kept = Kept::nothing;
  std::uint64_t count = 0;
  std::string why;  ///< It starts anew: "`window` changed".

  /// "spike keeps 41,233 entities".
  std::string sentence() const;
};

/// What became of a partition's state in a restore.
struct RestoreReport {
  std::uint64_t entities = 0;             ///< Restored.
  std::uint64_t entities_forgotten = 0;   ///< Saved, but not restored.
  std::uint64_t incidents = 0;            ///< Open ones, restored.
  std::uint64_t incidents_forgotten = 0;  ///< Saved, but not restored: no alert closes them.
  /// Where the configuration has changed: what each detector keeps ("spike keeps 41,233
  /// entities") or why it begins anew ("spike starts anew: `window` changed"), and each other
  /// part that begins anew.
  std::vector<std::string> sentences;
  /// The same of each detector that there is now; also where nothing has changed, when it is told
  /// beforehand.
  std::vector<DetectorFate> detectors;
};

}  // namespace tocsin
