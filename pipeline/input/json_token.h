// One value inside a JSON document, as it is written there.

#pragma once

#include <cstdint>
#include <string_view>

namespace tocsin {

enum class JsonKind : std::uint8_t { absent, null, boolean, number, string, object, array };

/// A scalar, or the sign that there is an object or an array. A view into the document.
struct JsonToken {
  /// As written; a string's without its quotes, its escapes still in place.
  std::string_view text;
  JsonKind kind = JsonKind::absent;
  bool has_escapes = false;  ///< Strings only.

  bool is_missing() const { return kind == JsonKind::absent || kind == JsonKind::null; }
  bool is_scalar() const {
    return kind == JsonKind::boolean || kind == JsonKind::number || kind == JsonKind::string;
  }
};

}  // namespace tocsin
