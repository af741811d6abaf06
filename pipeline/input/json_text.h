// JSON strings: what their escapes mean, and how text is written as one.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tocsin {

/// Position of the first escape in `inner` (a string's inside) that means nothing: an unknown
/// letter, wrong hexadecimal digits, or half of a surrogate pair, which is no text.
/// npos: all are right.
std::size_t find_bad_escape(std::string_view inner);

/// Appends the text that `inner`, whose escapes are right, stands for. Never longer than it.
void append_unescaped(std::string& out, std::string_view inner);

/// Appends `text` as a JSON string: only what must be escaped is.
void append_json_string(std::string& out, std::string_view text);

/// Appends a step of a JSON pointer (RFC 6901): a slash, and `key` with `~` and `/` escaped.
void append_pointer_step(std::string& pointer, std::string_view key);

/// Bytes of the UTF-8 sequence that begins `text`; 0 if none does. Never 0 for ASCII.
std::size_t utf8_length(std::string_view text);

/// Whether all of `text` is UTF-8.
bool is_utf8(std::string_view text);

}  // namespace tocsin
