// Names of entities: what is written in scores and alerts, and what state is kept under.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "pipeline/input/json_token.h"

namespace tocsin {

// The name of an entity is
//   the value of its one field: a string as it is, a number or a boolean as it is written;
//   of several fields, their values as a JSON array without spaces: ["checkout","/pay",7].
// So 7 and "7" are one entity of one field, and two of several; 7 and 7.0 are always two.
// A record's key counts as a string; if it is not UTF-8, as `base64:` and its base64. An empty
// string and an empty key are names like others. A record without a key stands under the name of
// its partition, `partition-3`, so that all such records of a partition are one entity.

/// Appends the text of a scalar, a string's escapes resolved; what makes an entity of one field.
void append_scalar_text(std::string& out, const JsonToken& scalar);

/// Appends the canonical JSON of a scalar without escapes; an element of an entity of several.
void append_scalar_json(std::string& out, const JsonToken& scalar);

/// Appends the text that a record's key stands for.
void append_key_text(std::string& out, std::optional<std::string_view> key,
                     std::int32_t partition_number);

/// Cuts a name longer than `kEntityMaxBytes` to at most 95 bytes, between two characters, and
/// appends `~` and the 128-bit XXH3 of the whole name as 32 hexadecimal digits. Two long names
/// that differ stay different.
void shorten_entity(std::string& name);

/// XXH3 of a name, 64 bits.
std::uint64_t entity_hash(std::string_view name);

}  // namespace tocsin
