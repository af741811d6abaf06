// Bytes as text.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tocsin {

/// Appends `bytes` in base64 with padding (RFC 4648, section 4).
void append_base64(std::string& out, std::string_view bytes);

/// The bytes that `append_base64` has written as `text`; empty where that is none of its.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace tocsin
