#include "pipeline/input/entity.h"

#include <array>
#include <charconv>
#include <cstddef>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "pipeline/input/base64.h"
#include "pipeline/input/batch.h"
#include "pipeline/input/json_text.h"

namespace tocsin {

namespace {

constexpr std::size_t kHashDigits = 32;
constexpr std::size_t kKeptMaxBytes = kEntityMaxBytes - kHashDigits - 1;

void append_hex(std::string& out, std::uint64_t value) {
  for (unsigned shift = 64; shift > 0; shift -= 4) {
    out.push_back("0123456789abcdef"[value >> (shift - 4) & 15U]);
  }
}

}  // namespace

void append_scalar_text(std::string& out, const JsonToken& scalar) {
  if (scalar.has_escapes) {
    append_unescaped(out, scalar.text);
  } else {
    out.append(scalar.text);
  }
}

void append_scalar_json(std::string& out, const JsonToken& scalar) {
  if (scalar.kind == JsonKind::string) {
    append_json_string(out, scalar.text);
  } else {
    out.append(scalar.text);
  }
}

void append_key_text(std::string& out, std::optional<std::string_view> key,
                     std::int32_t partition_number) {
  if (!key) {
    std::array<char, 16> digits{};
    const auto end =
        std::to_chars(digits.data(), digits.data() + digits.size(), partition_number).ptr;
    out.append("partition-").append(digits.data(), end);
  } else if (is_utf8(*key)) {
    out.append(*key);
  } else {
    out.append("base64:");
    append_base64(out, *key);
  }
}

void shorten_entity(std::string& name) {
  if (name.size() <= kEntityMaxBytes) return;
  const XXH128_hash_t hash = XXH3_128bits(name.data(), name.size());
  std::size_t kept = kKeptMaxBytes;
  while (kept > 0 && (static_cast<unsigned char>(name[kept]) & 0xC0U) == 0x80) --kept;
  name.resize(kept);
  name.push_back('~');
  append_hex(name, hash.high64);
  append_hex(name, hash.low64);
}

std::uint64_t entity_hash(std::string_view name) { return XXH3_64bits(name.data(), name.size()); }

}  // namespace tocsin
