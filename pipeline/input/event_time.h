// When an event happened, from a field of it.

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "pipeline/input/json_token.h"
#include "pipeline/settings.h"

namespace tocsin {

/// Milliseconds since 1970, UTC, rounded down; empty if `token` is no time in `unit`. Times
/// before the year 1 and after the year 9999 are none.
///
/// A number, which may have a fraction or an exponent, and a string that is a number as a whole
/// are read in their unit. `automatic` tells it by magnitude: below 1e11 seconds (until the year
/// 5138), below 1e14 milliseconds, below 1e17 microseconds, else nanoseconds. Digits count as
/// written: nothing is lost to a double.
/// Other strings are read by `automatic` and `text`: a date, or a date and a time with `T` or a
/// space between, a fraction of any length, and an offset (`Z`, `+02:00`, `+0200`); without one
/// it is UTC. The 60th second of a leap minute (23:59:60 UTC) is the first of the next day.
std::optional<std::int64_t> to_time_ms(const JsonToken& token, TimeUnit unit);

/// `text` as above.
std::optional<std::int64_t> text_to_time_ms(std::string_view text);

}  // namespace tocsin
