// Why a record cannot be scored.

#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace tocsin {

/// A short fixed list, because it is a metric's label.
enum class RejectReason : std::uint8_t {
  none,
  undecodable,       ///< Not UTF-8, not JSON, truncated, or followed by something.
  not_an_object,     ///< Valid JSON, but not an object.
  duplicate_key,     ///< An object has the same key twice: which one was meant is unknown.
  too_deep,          ///< Nested deeper than 64 levels.
  too_large,         ///< Larger than the stream's `record_max_bytes`.
  missing_entity,    ///< A field of `entity` is absent or not a scalar.
  missing_time,      ///< The time field is absent, or the record has no timestamp.
  bad_time,          ///< The time field is not a time in the configured unit.
  far_future,        ///< Event time far beyond the record's own timestamp.
  not_a_number,      ///< A feature's field is not a number, or is beyond the range of a double.
  missing_features,  ///< Not one feature has a value.
};

inline constexpr std::array<std::string_view, 12> kRejectReasonNames{
    "none",     "undecodable", "not_an_object",  "duplicate_key",
    "too_deep", "too_large",   "missing_entity", "missing_time",
    "bad_time", "far_future",  "not_a_number",   "missing_features"};

constexpr std::string_view name_of(RejectReason reason) {
  return kRejectReasonNames[static_cast<std::size_t>(reason)];
}

}  // namespace tocsin
