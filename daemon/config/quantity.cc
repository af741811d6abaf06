#include "daemon/config/quantity.h"

#include <fmt/format.h>

#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <system_error>

namespace tocsin {
namespace {

struct Unit {
  std::string_view name;
  double factor;
};

// Ascending, so that the last one that divides a value is the largest.
constexpr std::array kDurations{Unit{"ms", 1}, Unit{"s", 1e3}, Unit{"m", 60e3}, Unit{"h", 3600e3},
                                Unit{"d", 86400e3}};
constexpr std::array kSizes{Unit{"B", 1},     Unit{"kB", 1e3},
                            Unit{"KB", 1e3},  Unit{"KiB", 1024.0},
                            Unit{"MB", 1e6},  Unit{"MiB", 1048576.0},
                            Unit{"GB", 1e9},  Unit{"GiB", 1073741824.0},
                            Unit{"TB", 1e12}, Unit{"TiB", 1099511627776.0}};

bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

/// Moves `at` over digits, and tells whether there were any.
bool skip_digits(std::string_view text, std::size_t& at) {
  const std::size_t begin = at;
  while (at < text.size() && is_digit(text[at])) ++at;
  return at > begin;
}

/// Moves `at` over one of `any`, and tells whether it was there.
bool skip(std::string_view text, std::size_t& at, std::string_view any) {
  const bool there = at < text.size() && any.find(text[at]) != std::string_view::npos;
  if (there) ++at;
  return there;
}

bool is_json_number(std::string_view text) {
  std::size_t at = 0;
  skip(text, at, "-");
  const std::size_t whole = at;
  if (!skip_digits(text, at)) return false;
  if (text[whole] == '0' && at > whole + 1) return false;
  if (skip(text, at, ".") && !skip_digits(text, at)) return false;
  if (skip(text, at, "eE")) {
    skip(text, at, "+-");
    if (!skip_digits(text, at)) return false;
  }
  return at == text.size();
}

std::optional<double> parse_with_unit(std::string_view text, std::span<const Unit> units) {
  std::size_t at = 0;
  if (!skip_digits(text, at)) return std::nullopt;
  const std::optional<double> value = parse_number(text.substr(0, at));
  if (!value) return std::nullopt;
  for (const Unit& unit : units) {
    if (text.substr(at) == unit.name) return *value * unit.factor;
  }
  return std::nullopt;
}

std::string format_with_unit(double value, std::span<const Unit> units) {
  const Unit* best = &units.front();
  for (const Unit& unit : units) {
    if (value >= unit.factor && std::fmod(value, unit.factor) == 0) best = &unit;
  }
  return format_number(value / best->factor) + std::string(best->name);
}

}  // namespace

std::optional<double> parse_number(std::string_view text) {
  if (!is_json_number(text)) return std::nullopt;
  double value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem == std::errc::result_out_of_range) {
    // Too small or too large; only a negative exponent makes a number too small.
    const bool small = text.find("e-") != std::string_view::npos ||
                       text.find("E-") != std::string_view::npos || text.starts_with("0.") ||
                       text.starts_with("-0.");
    return small ? 0 : std::numeric_limits<double>::infinity();
  }
  if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> parse_duration(std::string_view text) {
  return parse_with_unit(text, kDurations);
}

std::optional<double> parse_size(std::string_view text) {
  if (!text.empty() && is_digit(text.back())) {
    return text.find_first_not_of("0123456789") == std::string_view::npos ? parse_number(text)
                                                                          : std::nullopt;
  }
  return parse_with_unit(text, kSizes);
}

std::string format_number(double value) {
  constexpr double kWholeMax = 9007199254740992.0;  // 2^53
  if (std::floor(value) == value && std::fabs(value) < kWholeMax) {
    return fmt::format("{:.0f}", value);
  }
  return fmt::format("{}", value);
}

std::string format_duration(double milliseconds) {
  return format_with_unit(milliseconds, kDurations);
}

std::string format_size(double bytes) {
  // Powers of 1024 only, so that 64000 is not shown as if it were meant to be round.
  constexpr std::array kShown{Unit{"", 1}, Unit{"KiB", 1024.0}, Unit{"MiB", 1048576.0},
                              Unit{"GiB", 1073741824.0}, Unit{"TiB", 1099511627776.0}};
  return format_with_unit(bytes, kShown);
}

}  // namespace tocsin
