// Frames of zstd, with a checksum.

#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "detectors/result.h"

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace tocsin {

/// Compresses pieces of state: fast rather than small, each by itself.
///
/// Threads: one at a time. Memory is made once and kept.
class Compressor {
 public:
  Compressor();
  /// One whole zstd frame, which carries its length and a checksum.
  std::string compress(std::string_view raw);

 private:
  struct Free {
    void operator()(ZSTD_CCtx_s* context) const;
  };
  std::unique_ptr<ZSTD_CCtx_s, Free> context_;
};

/// The way back.
///
/// Threads: one at a time.
class Decompressor {
 public:
  Decompressor();
  /// `raw_bytes` is the length it must have; an error says that the frame is damaged.
  Result<std::string> decompress(std::string_view frame, std::size_t raw_bytes);

 private:
  struct Free {
    void operator()(ZSTD_DCtx_s* context) const;
  };
  std::unique_ptr<ZSTD_DCtx_s, Free> context_;
};

}  // namespace tocsin
