// What is inside a piece of a snapshot: chunks, and parts of chunks that are too large for one.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/result.h"

namespace tocsin {

/// Which chunk of which store of a partition.
struct ChunkPlace {
  std::uint32_t store = 0;
  std::uint32_t chunk = 0;
  // NOLINTNEXTLINE(modernize-use-nullptr): it is about the 0 that `<` is compared with.
  friend auto operator<=>(const ChunkPlace&, const ChunkPlace&) = default;
};

/// A part of a chunk in a frame. Before its bytes stand five numbers of 4 bytes, lowest first:
/// store, chunk, offset of the part in the chunk, bytes of the chunk, bytes of the part.
struct ChunkPart {
  ChunkPlace place;
  std::uint32_t offset = 0;
  std::uint32_t chunk_bytes = 0;
  std::string_view bytes;
};

void append_chunk_part(std::string& frame, const ChunkPart& part);

/// The parts of a frame in order; views into it. An error says that it is damaged.
Result<std::vector<ChunkPart>> chunk_parts(std::string_view frame);

/// Puts chunks together again from parts that come in order. Parts of a chunk whose beginning did
/// not come, or whose rest does not, are left out: whoever needs the chunk finds it missing.
class ChunkAssembly {
 public:
  /// The chunk, once its last part is there; empty before. Valid until the next call.
  std::string_view add(const ChunkPart& part);

 private:
  ChunkPlace place_;
  std::string partial_;
  std::string whole_;
};

}  // namespace tocsin
