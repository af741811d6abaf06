// The identifier that every record begins with, and the place in the input that it names.

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "pipeline/log/log.h"

namespace tocsin {

/// The id that a protobuf record begins with; empty: it begins with none.
std::string_view wire_id(std::string_view value);

/// The id that a record or an envelope in JSON begins with, still escaped; empty: it begins with
/// none.
std::string_view json_id(std::string_view value);

/// An input record, as an output names it.
struct InputPlace {
  std::string_view topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
};

/// Which input record an output of ours came from, whatever its encoding: dead letters say it in
/// headers, scored records and alerts in their id. Views into the record; empty: it is not ours.
std::optional<InputPlace> input_place_of(const WriteRecord& record);

}  // namespace tocsin
