// Which side of what is expected counts as strange.

#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "detectors/parameter.h"

namespace tocsin {

enum class Direction { both, up, down };

inline constexpr std::array<std::string_view, 3> kDirections{"both", "up", "down"};

/// The parameter `direction` of a detector.
constexpr Parameter direction_parameter(std::string_view help) {
  return {.name = "direction",
          .fallback = 0,
          .min = 0,
          .max = 2,
          .integer = true,
          .choices = kDirections,
          .help = help};
}

/// What of a signed strangeness counts, >= 0: one that points the other way counts nothing.
inline double counted(Direction direction, double strangeness) {
  switch (direction) {
    case Direction::up:
      return std::max(strangeness, 0.0);
    case Direction::down:
      return std::max(-strangeness, 0.0);
    case Direction::both:
      break;
  }
  return std::fabs(strangeness);
}

}  // namespace tocsin
