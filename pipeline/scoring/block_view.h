// A struct at a place in a block of bytes.

#pragma once

#include <cstddef>

#include "detectors/block.h"
#include "detectors/detector.h"

namespace tocsin {

/// The T at `offset` of a block that is aligned to 8. T has no padding: padding would make equal
/// histories unequal bytes.
template <BlockPart T>
T& view(State block, std::size_t offset = 0) {
  return part<T>(block, offset, 1).front();
}
template <BlockPart T>
const T& view(ConstState block, std::size_t offset = 0) {
  return part<T>(block, offset, 1).front();
}

}  // namespace tocsin
