// An alert as a block of text, for a person at a terminal.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "detectors/result.h"

namespace tocsin {

/// What the demo needs to know of an alert record.
struct DisplayedAlert {
  std::string entity;
  std::string state;         ///< `open`, `update` or `close`.
  std::int64_t time_ms = 0;  ///< Of the event that caused it.
  std::string block;         ///< The text, several lines, each with its end.
};

enum class Ink : std::uint8_t { plain, colour };

/// Reads an alert record in JSON.
Result<DisplayedAlert> display_alert(std::string_view json, Ink ink);

}  // namespace tocsin
