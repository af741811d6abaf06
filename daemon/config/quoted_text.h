// Text in double quotes, as JSON wants it; every such text is a YAML scalar, too.

#pragma once

#include <string>
#include <string_view>

namespace tocsin {

/// `text`, which is UTF-8, in double quotes.
std::string quoted(std::string_view text);

}  // namespace tocsin
