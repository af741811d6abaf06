#include "detectors/catalog.h"

#include <array>

#include "detectors/autoregression/autoregression.h"
#include "detectors/event_density/event_density.h"
#include "detectors/flat_line/flat_line.h"
#include "detectors/half_space_trees/half_space_trees.h"
#include "detectors/medoids/medoids.h"
#include "detectors/range/range.h"
#include "detectors/shape/shape.h"
#include "detectors/spike/spike.h"
#include "detectors/trend_change/trend_change.h"
#include "detectors/variance_change/variance_change.h"

namespace tocsin {
namespace {

// To add a detector, add its line here. Alphabetical.
constexpr std::array kCatalog{
    &kAutoregression, &kEventDensity, &kFlatLine, &kHalfSpaceTrees, &kMedoids,
    &kRange,          &kShape,        &kSpike,    &kVarianceChange,
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
