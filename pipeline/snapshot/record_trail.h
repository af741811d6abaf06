// Which records were handled: how many, and a hash of their offsets in order.

#pragma once

#include <bit>
#include <cstdint>

namespace tocsin {

/// Two runs that handled the same records have the same trail, and others, but for one chance in
/// 2^64, do not: compacted, recreated or re-ordered input is found by it.
struct RecordTrail {
  std::uint64_t count = 0;
  std::uint64_t hash = 0;

  void add(std::int64_t offset) {
    constexpr std::uint64_t kOdd = 0x9e3779b185ebca87;
    ++count;
    hash = (std::rotl(hash, 27) ^ static_cast<std::uint64_t>(offset)) * kOdd + count;
  }
  friend bool operator==(const RecordTrail&, const RecordTrail&) = default;
};

}  // namespace tocsin
