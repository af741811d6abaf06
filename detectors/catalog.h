// What detectors there are.

#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "detectors/detector.h"
#include "detectors/parameter.h"
#include "detectors/result.h"

namespace tocsin {

/// Who shares one block of state.
enum class Scope : std::uint8_t {
  entity,  ///< Each entity has its own.
  group,   ///< One for each value of a field, within a partition.
  stream,  ///< One for all events of a partition.
};

inline constexpr std::array kAllScopes{Scope::entity, Scope::group, Scope::stream};

/// What can be built: a name, its parameters, and how to build it.
struct DetectorKind {
  std::string_view name;      ///< What the user writes after `type:`.
  std::string_view summary;   ///< One line, for `tocsin detectors`.
  std::string_view blind_to;  ///< What it cannot see, one line.
  std::span<const Parameter> parameters;
  std::span<const Scope> scopes;  ///< Allowed; the first is the default.
  std::string_view kind_above;    ///< The alert's `kind` when the value is above expectation.
  std::string_view kind_below;    ///< The same below; equal where direction means nothing.
  /// Raised whenever the same bytes would be read or continued differently. Part of the
  /// definition hash that decides whether stored state is kept.
  std::uint32_t version;

  /// Fails only where the settings contradict one another; each value is already within its own
  /// range. `dimensions` is 1 to kMaxDimensions.
  Result<std::unique_ptr<Detector>> (*make)(const Settings& settings, int dimensions,
                                            std::uint64_t seed);

  /// A score above 0 says by how much the point exceeds all that was seen before, in widths of it.
  /// Else it is a strangeness that every point has.
  bool scores_breaches = false;
  /// So many points in a row of what is strange make it sure: more than one where it judges
  /// stretches.
  int points_to_judge = 1;
  /// Whether a value that is farther off is stranger.
  bool minds_distance = true;
  /// What it has seen it knows: the learning policy does not lessen its lessons.
  bool learns_everything = false;
  /// It counts events: those that the learning policy keeps from it would be silence. They teach it
  /// as an anomaly does.
  bool counts_events = false;
  /// Says nothing of features that are not forecast.
  bool needs_forecast = false;
  /// Judges otherwise where features are forecast.
  bool heeds_forecast = false;
  /// Of fewer features than these it has nothing to say.
  int features_min = 1;
  /// Its score is the largest of the features' own: `Detector::score_each` tells them.
  bool feature_by_feature = false;
};

/// Every detector, alphabetical by name.
std::span<const DetectorKind* const> catalog();

/// A detector of the default set, with its default parameters.
struct DefaultDetector {
  const DetectorKind* kind = nullptr;
  Scope scope = Scope::entity;
};
/// What watches a stream of so many features, forecast or not, where the configuration names no
/// detector.
std::vector<DefaultDetector> default_set(int dimensions, bool has_forecast);

/// The kind called `name`, or null.
const DetectorKind* find_detector(std::string_view name);

}  // namespace tocsin
