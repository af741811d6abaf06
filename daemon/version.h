// What this program is, and what it was built with.

#pragma once

#include <string>
#include <string_view>

namespace tocsin {

struct Build {
  std::string_view version;
  std::string_view build_type;
  std::string_view compiler;
};

Build this_build();

/// For people: a line for the program, and one a library.
std::string version_text();
/// The same as one JSON object.
std::string version_json();

}  // namespace tocsin
