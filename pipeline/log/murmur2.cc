#include "pipeline/log/murmur2.h"

namespace tocsin {
namespace {

std::uint32_t byte_at(std::string_view key, std::size_t index) {
  return static_cast<unsigned char>(key[index]);
}

}  // namespace

std::uint32_t murmur2(std::string_view key) {
  constexpr std::uint32_t kSeed = 0x9747b28c;
  constexpr std::uint32_t kMultiplier = 0x5bd1e995;
  std::uint32_t hash = kSeed ^ static_cast<std::uint32_t>(key.size());
  std::size_t at = 0;
  for (; at + 4 <= key.size(); at += 4) {
    std::uint32_t word = byte_at(key, at) | byte_at(key, at + 1) << 8U |
                         byte_at(key, at + 2) << 16U | byte_at(key, at + 3) << 24U;
    word *= kMultiplier;
    word ^= word >> 24U;
    word *= kMultiplier;
    hash *= kMultiplier;
    hash ^= word;
  }
  const std::size_t rest = key.size() - at;
  if (rest >= 3) hash ^= byte_at(key, at + 2) << 16U;
  if (rest >= 2) hash ^= byte_at(key, at + 1) << 8U;
  if (rest >= 1) {
    hash ^= byte_at(key, at);
    hash *= kMultiplier;
  }
  hash ^= hash >> 13U;
  hash *= kMultiplier;
  hash ^= hash >> 15U;
  return hash;
}

std::int32_t partition_of(std::string_view key, std::int32_t partitions) {
  return static_cast<std::int32_t>(murmur2(key) & 0x7fffffffU) % partitions;
}

}  // namespace tocsin
