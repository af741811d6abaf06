// Numbers as people write them in a configuration: plain, with a unit of time, with a unit of size.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tocsin {

/// A number as JSON writes it: no leading zeros, no `+`, no hexadecimal, no `nan` or `inf`. One
/// beyond a double is infinite, for the range check to refuse.
std::optional<double> parse_number(std::string_view text);

/// Milliseconds of `200ms`, `10s`, `5m`, `1h` or `1d`.
std::optional<double> parse_duration(std::string_view text);

/// Bytes of `4096`, `64KiB`, `64MiB`, `1GiB` (powers of 1024) or `10MB` (powers of 1000).
std::optional<double> parse_size(std::string_view text);

/// The shortest text that reads back as the same number; integers as integers.
std::string format_number(double value);
/// In the largest unit that leaves a whole number: `90s`, `2h`.
std::string format_duration(double milliseconds);
std::string format_size(double bytes);

}  // namespace tocsin
