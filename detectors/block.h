// Blocks of bytes read as plain structs.

#pragma once

#include <bit>
#include <cassert>
#include <cstddef>
#include <span>
#include <type_traits>

#include "detectors/detector.h"

namespace tocsin {

static_assert(std::endian::native == std::endian::little, "blocks are stored little-endian");

/// What may lie in a block: copying its bytes copies it, and no byte of it is padding.
template <class T>
concept BlockPart = std::is_trivially_copyable_v<T> && alignof(T) <= 8;

/// `count` values of T at `offset` of a block, in place.
///
/// The bytes of a block are only ever accessed through the one T of their place, which `start`
/// writes first; T is an implicit-lifetime type, so the bytes may hold it.
template <BlockPart T>
std::span<T> part(State state, std::size_t offset, std::size_t count) {
  assert(offset % alignof(T) == 0 && offset + count * sizeof(T) <= state.size());
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): see above.
  return {reinterpret_cast<T*>(state.data() + offset), count};
}

template <BlockPart T>
std::span<const T> part(ConstState state, std::size_t offset, std::size_t count) {
  assert(offset % alignof(T) == 0 && offset + count * sizeof(T) <= state.size());
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): see above.
  return {reinterpret_cast<const T*>(state.data() + offset), count};
}

}  // namespace tocsin
