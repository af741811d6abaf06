#include "detectors/catalog.h"

#include <array>

#include "detectors/autoregression/autoregression.h"
#include "detectors/cusum/cusum.h"
#include "detectors/event_density/event_density.h"
#include "detectors/fitted_tail/fitted_tail.h"
#include "detectors/flat_line/flat_line.h"
#include "detectors/forecast/forecast.h"
#include "detectors/half_space_trees/half_space_trees.h"
#include "detectors/iqr_fences/iqr_fences.h"
#include "detectors/level_shift/level_shift.h"
#include "detectors/medoids/medoids.h"
#include "detectors/moving_average/moving_average.h"
#include "detectors/new_value/new_value.h"
#include "detectors/page_hinkley/page_hinkley.h"
#include "detectors/range/range.h"
#include "detectors/regression/regression.h"
#include "detectors/shape/shape.h"
#include "detectors/spike/spike.h"
#include "detectors/transition/transition.h"
#include "detectors/trend_change/trend_change.h"
#include "detectors/variance_change/variance_change.h"
#include "detectors/z_score/z_score.h"

namespace tocsin {
namespace {

// To add a detector, add its line here. Alphabetical.
constexpr std::array kCatalog{
    &kAutoregression, &kCusum,          &kEventDensity, &kFittedTail, &kFlatLine,      &kForecast,
    &kHalfSpaceTrees, &kIqrFences,      &kLevelShift,   &kMedoids,    &kMovingAverage, &kNewValue,
    &kPageHinkley,    &kRange,          &kRegression,   &kShape,      &kSpike,         &kTransition,
    &kTrendChange,    &kVarianceChange, &kZScore,
};

}  // namespace

std::span<const DetectorKind* const> catalog() { return kCatalog; }

std::vector<DefaultDetector> default_set(int dimensions, bool has_forecast) {
  std::vector<DefaultDetector> chosen;
  const DetectorKind* const distance = has_forecast ? &kForecast : &kSpike;
  for (const DetectorKind* kind : {distance, &kRange, &kNewValue, &kTransition, &kLevelShift}) {
    chosen.push_back({.kind = kind, .scope = Scope::entity});
  }
  if (dimensions >= 2) chosen.push_back({.kind = &kHalfSpaceTrees, .scope = Scope::stream});
  return chosen;
}

const DetectorKind* find_detector(std::string_view name) {
  for (const DetectorKind* kind : kCatalog) {
    if (kind->name == name) return kind;
  }
  return nullptr;
}

}  // namespace tocsin
