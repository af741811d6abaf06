#include "detectors/catalog.h"

#include <array>

#include "detectors/half_space_trees/half_space_trees.h"
#include "detectors/range/range.h"
#include "detectors/spike/spike.h"

namespace tocsin {
namespace {

// To add a detector, add its line here. Alphabetical.
constexpr std::array kCatalog{
    &kHalfSpaceTrees,
    &kRange,
    &kSpike,
};

}  // namespace

std::span<const DetectorKind* const> catalog() { return kCatalog; }

const DetectorKind* find_detector(std::string_view name) {
  for (const DetectorKind* kind : kCatalog) {
    if (kind->name == name) return kind;
  }
  return nullptr;
}

}  // namespace tocsin
