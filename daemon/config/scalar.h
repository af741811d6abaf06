// What one scalar means for one field of the table.

#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "daemon/config/fields.h"
#include "daemon/config/value.h"

namespace tocsin {

/// A scalar as the file has it, once its references are resolved.
struct RawScalar {
  std::string_view text;
  bool quoted = false;  ///< Then it is a text, where a number or a word like `true` is due.
};

/// Why it cannot be what the field wants.
struct ScalarMistake {
  std::string hint;  ///< Empty: nothing better than the field's help.
};

using ScalarReading = std::variant<Scalar, ScalarMistake>;

ScalarReading read_scalar(const Field& field, RawScalar raw);

}  // namespace tocsin
