// Decimal digits two at a time: half the divisions, and none of them waits for the other.

#pragma once

#include <array>
#include <cstddef>
#include <cstring>

namespace tocsin {

/// "00" to "99", end to end.
inline constexpr std::array<char, 200> kTwoDigits = [] {
  std::array<char, 200> digits{};
  for (std::size_t i = 0; i < 100; ++i) {
    digits[2 * i] = static_cast<char>('0' + i / 10);
    digits[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return digits;
}();

/// Writes `value`, below 100, as two digits.
inline void write_two_digits(char* to, std::size_t value) {
  std::memcpy(to, kTwoDigits.data() + 2 * value, 2);
}

}  // namespace tocsin
