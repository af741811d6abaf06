// Eight bytes behind others that tell whether these are still what they were.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tocsin {

/// Appends the hash of `bytes` and of `place`, which says where they belong.
void seal(std::vector<std::byte>& bytes, std::uint64_t place);
void seal(std::string& bytes, std::uint64_t place);

/// The bytes without their seal; empty where that does not fit them or the place.
std::optional<std::span<const std::byte>> unsealed(std::span<const std::byte> bytes,
                                                   std::uint64_t place);

}  // namespace tocsin
