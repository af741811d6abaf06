#include "pipeline/input/json_number.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <system_error>

namespace tocsin {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::size_t count_digits(std::string_view text) {
  std::size_t count = 0;
  while (count < text.size() && is_digit(text[count])) ++count;
  return count;
}

/// Whether the whole of `text`, which is not empty, is a number's exponent with its letter.
bool is_exponent(std::string_view text) {
  if (text[0] != 'e' && text[0] != 'E') return false;
  text.remove_prefix(1);
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && count_digits(text) == text.size();
}

// Powers of ten that a double holds exactly.
constexpr std::array<double, 23> kTens{1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                       1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                       1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
constexpr std::uint64_t kExactMax = 1ULL << 53U;

/// Numbers of up to 15 digits without exponent, which are most: digits and power of ten are both
/// exact doubles, so that one division rounds once, which is to the nearest (Clinger, "How to
/// read floating point numbers accurately", 1990, section 3).
std::optional<double> short_decimal(std::string_view number) {
  if (number.size() > 17) return std::nullopt;
  const bool is_negative = number[0] == '-';
  std::uint64_t digits = 0;
  std::size_t fraction = 0;
  std::size_t i = is_negative ? 1 : 0;
  for (; i < number.size() && is_digit(number[i]); ++i) {
    digits = digits * 10 + static_cast<std::uint64_t>(number[i] - '0');
  }
  if (i < number.size()) {
    if (number[i] != '.') return std::nullopt;
    fraction = number.size() - ++i;
    for (; i < number.size(); ++i) {
      if (!is_digit(number[i])) return std::nullopt;
      digits = digits * 10 + static_cast<std::uint64_t>(number[i] - '0');
    }
  }
  if (digits > kExactMax) return std::nullopt;
  const double magnitude = static_cast<double>(digits) / kTens[fraction];
  return is_negative ? 0.0 - magnitude : magnitude;
}

/// Whether a number that no double is near enough to is too small, not too large.
bool is_tiny(std::string_view number) {
  const std::size_t e = std::min(number.find_first_of("eE"), number.size());
  const std::string_view digits = number.substr(0, e);
  const auto point = static_cast<std::int64_t>(std::min(digits.find('.'), digits.size()));
  const std::size_t first = digits.find_first_of("123456789");
  if (first == std::string_view::npos) return true;
  std::int64_t exponent = 0;
  constexpr std::int64_t kEnough = 1'000'000'000'000;
  for (const char c : number.substr(e)) {
    if (is_digit(c)) exponent = std::min(exponent * 10 + (c - '0'), kEnough);
  }
  if (number.find('-', e) != std::string_view::npos) exponent = -exponent;
  return point - static_cast<std::int64_t>(first) + exponent < 0;
}

}  // namespace

bool is_json_number(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const std::size_t whole = count_digits(text);
  if (whole == 0 || (whole > 1 && text[0] == '0')) return false;
  text.remove_prefix(whole);
  if (text.starts_with('.')) {
    const std::size_t fraction = count_digits(text.substr(1));
    if (fraction == 0) return false;
    text.remove_prefix(1 + fraction);
  }
  return text.empty() || is_exponent(text);
}

std::optional<double> to_double(std::string_view number) {
  if (const std::optional<double> value = short_decimal(number)) return value;
  double value = 0;
  const auto [end, problem] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (problem == std::errc::result_out_of_range) {
    if (is_tiny(number)) return 0.0;
    return std::nullopt;
  }
  return value + 0.0;
}

}  // namespace tocsin
