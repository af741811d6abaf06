// What the configuration says of a feature's values that nobody wants to hear of.

#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "pipeline/settings.h"

namespace tocsin {

/// Which values of a feature may be strange at all: by `direction`, `min_change` and
/// `ignore_below`. What may not takes no part in an event's score; detectors learn it all the same.
///
/// Blind to what does not show in a single value: where `min_change` is set, a flat line close to
/// what is expected is not told, however long.
/// Threads: immutable.
class FeatureLimits {
 public:
  explicit FeatureLimits(const StreamSettings& settings);

  /// Whether there are none.
  bool is_empty() const { return limits_.empty(); }

  /// `value` and `expected` in the unit in which records show the feature; empty: nothing is
  /// expected yet.
  bool admits(std::size_t column, double value, std::optional<double> expected) const;

 private:
  std::vector<FeatureSettings::Limits> limits_;  // [dimensions], or none
};

}  // namespace tocsin
