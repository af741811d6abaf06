// `${env:NAME}` and `${file:/path}` within one scalar, after parsing: what they bring can neither
// break YAML nor change the type that the field has.
//
//     ${env:NAME}             the variable; unset is a mistake
//     ${env:NAME:-default}    the default where it is unset or empty
//     ${env:NAME:?message}    the message where it is unset or empty
//     ${file:/path}           the file's content, without one newline at its end
//     $$                      a dollar sign; a `$` before anything but `{` or `$` is one, too

#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "daemon/config/surroundings.h"

namespace tocsin {

/// A scalar's text once nothing is left to be looked up in it.
struct Interpolated {
  std::string text;
  bool looked_up = false;  ///< Something came from a variable or a file.
  bool from_file = false;  ///< … from a file: it is not shown, for it may be a secret.
};

/// What is wrong, and what to do.
struct InterpolationMistake {
  std::string message;
  std::string hint;
  bool quotes_value = false;  ///< The hint repeats a part of the value itself.
};

/// The text, or what is wrong with it.
using Interpolation = std::variant<Interpolated, InterpolationMistake>;

/// Replaces all references in `text`.
Interpolation interpolate(std::string_view text, const Surroundings& surroundings);

}  // namespace tocsin
