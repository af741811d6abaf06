// Characters of a UTF-8 text, and how wide a terminal shows them.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tocsin {

/// One character of a text.
struct Character {
  char32_t code = 0;
  std::size_t bytes = 0;
};

/// The character that begins at `text[at]`; empty where the bytes are not UTF-8.
std::optional<Character> character_at(std::string_view text, std::size_t at);

/// Where the first byte stands that is not UTF-8; empty if all of it is.
std::optional<std::size_t> first_bad_utf8(std::string_view text);

/// Columns that a terminal uses for the character: 0 for combining marks, 2 for wide ones.
int columns_of(char32_t code);

/// Whether the character steers a terminal instead of showing something.
bool is_control(char32_t code);

/// `text` with everything that could harm a terminal or a line of a log replaced, cut to about
/// `columns_max` columns.
std::string printable(std::string_view text, int columns_max);

}  // namespace tocsin
