#include "pipeline/snapshot/compression.h"

#include <zstd.h>

#include <cstdlib>
#include <new>

namespace tocsin {
namespace {

/// Levels above 1 cost several times as much and save a tenth on such data.
constexpr int kLevel = 1;
/// No piece that we write is larger; what claims to be is damaged.
constexpr std::size_t kRawBytesMax = 64U << 20U;

}  // namespace

Compressor::Compressor() : context_(ZSTD_createCCtx()) {
  if (context_ == nullptr) throw std::bad_alloc();
  ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, kLevel);
  ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1);
}

void Compressor::Free::operator()(ZSTD_CCtx_s* context) const { ZSTD_freeCCtx(context); }

std::string Compressor::compress(std::string_view raw) {
  std::string out(ZSTD_compressBound(raw.size()), '\0');
  const std::size_t size =
      ZSTD_compress2(context_.get(), out.data(), out.size(), raw.data(), raw.size());
  if (ZSTD_isError(size) != 0) throw std::bad_alloc();  // Nothing else can happen: there is room.
  out.resize(size);
  return out;
}

Decompressor::Decompressor() : context_(ZSTD_createDCtx()) {
  if (context_ == nullptr) throw std::bad_alloc();
}

void Decompressor::Free::operator()(ZSTD_DCtx_s* context) const { ZSTD_freeDCtx(context); }

Result<std::string> Decompressor::decompress(std::string_view frame, std::size_t raw_bytes) {
  if (raw_bytes > kRawBytesMax) return Error{"a piece of state claims to be larger than any is"};
  std::string out(raw_bytes, '\0');
  const std::size_t size =
      ZSTD_decompressDCtx(context_.get(), out.data(), out.size(), frame.data(), frame.size());
  if (ZSTD_isError(size) != 0) {
    return Error{std::string("a piece of state cannot be decompressed: ") +
                 ZSTD_getErrorName(size)};
  }
  if (size != raw_bytes) return Error{"a piece of state has another length than it says"};
  return out;
}

}  // namespace tocsin
