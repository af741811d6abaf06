#include "pipeline/scoring/seal.h"

#include <cstring>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "pipeline/state/chunk_store.h"

namespace tocsin {

static_assert(sizeof(XXH64_hash_t) == kSealBytes);

void seal(std::vector<std::byte>& bytes, std::uint64_t place) {
  const XXH64_hash_t hash = XXH3_64bits_withSeed(bytes.data(), bytes.size(), place);
  const auto from = std::as_bytes(std::span(&hash, 1));
  bytes.insert(bytes.end(), from.begin(), from.end());
}

void seal(std::string& bytes, std::uint64_t place) {
  const XXH64_hash_t hash = XXH3_64bits_withSeed(bytes.data(), bytes.size(), place);
  bytes.append(reinterpret_cast<const char*>(&hash), sizeof hash);
}

std::optional<std::span<const std::byte>> unsealed(std::span<const std::byte> bytes,
                                                   std::uint64_t place) {
  if (bytes.size() < kSealBytes) return std::nullopt;
  const auto content = bytes.first(bytes.size() - kSealBytes);
  XXH64_hash_t hash = 0;
  std::memcpy(&hash, bytes.data() + content.size(), sizeof hash);
  if (XXH3_64bits_withSeed(content.data(), content.size(), place) != hash) return std::nullopt;
  return content;
}

}  // namespace tocsin
