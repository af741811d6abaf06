// Division that rounds down, also below zero, and what it leaves.

#pragma once

#include <cstdint>

namespace tocsin {

/// a / b, rounded down; b > 0.
constexpr std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

/// What is left: in [0, b).
constexpr std::int64_t floor_modulo(std::int64_t a, std::int64_t b) {
  return a - floor_divide(a, b) * b;
}

}  // namespace tocsin
