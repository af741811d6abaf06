#include "pipeline/snapshot/chunk_frame.h"

#include <array>
#include <utility>

namespace tocsin {
namespace {

void append_number(std::string& out, std::uint32_t value) {
  for (unsigned shift = 0; shift < 32; shift += 8) {
    out.push_back(static_cast<char>(value >> shift & 0xFFU));
  }
}

std::uint32_t number_at(std::string_view bytes, std::size_t index) {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < 4; ++i) {
    value |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[4 * index + i])) << 8 * i;
  }
  return value;
}

constexpr std::size_t kNumbers = 5;

const Error& damaged() {
  static const Error error{"a frame of chunks makes no sense: damaged"};
  return error;
}

}  // namespace

void append_chunk_part(std::string& frame, const ChunkPart& part) {
  const std::array<std::uint32_t, kNumbers> numbers{part.place.store, part.place.chunk, part.offset,
                                                    part.chunk_bytes,
                                                    static_cast<std::uint32_t>(part.bytes.size())};
  for (const std::uint32_t number : numbers) append_number(frame, number);
  frame += part.bytes;
}

Result<std::vector<ChunkPart>> chunk_parts(std::string_view frame) {
  std::vector<ChunkPart> parts;
  while (!frame.empty()) {
    if (frame.size() < 4 * kNumbers) return damaged();
    ChunkPart part{.place = {.store = number_at(frame, 0), .chunk = number_at(frame, 1)},
                   .offset = number_at(frame, 2),
                   .chunk_bytes = number_at(frame, 3)};
    const std::size_t length = number_at(frame, 4);
    frame.remove_prefix(4 * kNumbers);
    const bool is_inside =
        part.offset <= part.chunk_bytes && length <= part.chunk_bytes - part.offset;
    if (length > frame.size() || length == 0 || !is_inside) return damaged();
    part.bytes = frame.substr(0, length);
    frame.remove_prefix(length);
    parts.push_back(part);
  }
  return parts;
}

std::string_view ChunkAssembly::add(const ChunkPart& part) {
  if (part.offset == 0) {
    partial_.clear();
    if (part.bytes.size() == part.chunk_bytes) return part.bytes;
    place_ = part.place;
  }
  if (partial_.size() != part.offset || place_ != part.place) return {};
  partial_ += part.bytes;
  if (partial_.size() < part.chunk_bytes) return {};
  whole_ = std::exchange(partial_, {});
  return whole_;
}

}  // namespace tocsin
