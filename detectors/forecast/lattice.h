// Values that can only be some numbers.

#pragma once

#include <cstdint>

namespace tocsin {

/// The quantum of a feature, and the value that comes again and again. All zeros: has seen
/// nothing.
///
/// The quantum is the greatest common divisor of all steps from value to value, by Euclid's
/// algorithm with a tolerance for rounding, of the last 128 to 256 steps; so counts have the
/// quantum 1 (or 10, where they come in tens), two values their distance, and continuous values
/// one too small to matter.
struct Lattice {
  double quantum;   ///< 0: no step was seen.
  double building;  ///< The next one.
  double common;    ///< The value that comes again and again, if one does.
  float share;      ///< Of events that have it, of late.
  std::uint32_t steps;

  /// `last` is the value before `value`.
  void learn(double last, double value);

  /// The possible value nearest to `at`, where possible values are at least a sixteenth of `scale`
  /// apart; or the common value if it is near. `some` is any value of the feature.
  double snap(double at, double some, double scale) const;
};
static_assert(sizeof(Lattice) == 32);

}  // namespace tocsin
