#include "daemon/config/utf8.h"

#include <array>

namespace tocsin {
namespace {

struct CodeRange {
  char32_t first;
  char32_t last;
};

// Combining marks, joiners and variation selectors; what scripts of a configuration may contain.
constexpr std::array kZeroWide{CodeRange{0x0300, 0x036F}, CodeRange{0x0483, 0x0489},
                               CodeRange{0x0591, 0x05BD}, CodeRange{0x064B, 0x065F},
                               CodeRange{0x0E34, 0x0E3A}, CodeRange{0x1AB0, 0x1AFF},
                               CodeRange{0x200B, 0x200D}, CodeRange{0x20D0, 0x20FF},
                               CodeRange{0xFE00, 0xFE0F}, CodeRange{0xFE20, 0xFE2F}};

// East Asian wide and full-width characters, and emoji.
constexpr std::array kTwoWide{
    CodeRange{0x1100, 0x115F},   CodeRange{0x2E80, 0x303E},   CodeRange{0x3041, 0x33FF},
    CodeRange{0x3400, 0x4DBF},   CodeRange{0x4E00, 0x9FFF},   CodeRange{0xA000, 0xA4CF},
    CodeRange{0xAC00, 0xD7A3},   CodeRange{0xF900, 0xFAFF},   CodeRange{0xFE30, 0xFE4F},
    CodeRange{0xFF00, 0xFF60},   CodeRange{0xFFE0, 0xFFE6},   CodeRange{0x1F300, 0x1F64F},
    CodeRange{0x1F680, 0x1F6FF}, CodeRange{0x1F900, 0x1F9FF}, CodeRange{0x20000, 0x3FFFD}};

template <std::size_t size>
bool holds(const std::array<CodeRange, size>& ranges, char32_t code) {
  for (const CodeRange& range : ranges) {
    if (code >= range.first && code <= range.last) return true;
  }
  return false;
}

struct Lead {
  std::size_t bytes;
  char32_t bits;
  char32_t least;  // Shorter forms of the same character are not allowed.
};

std::optional<Lead> lead_of(unsigned char byte) {
  if (byte < 0x80) return Lead{1, byte, 0};
  if (byte >= 0xC2 && byte < 0xE0) return Lead{2, byte & 0x1FU, 0x80};
  if (byte >= 0xE0 && byte < 0xF0) return Lead{3, byte & 0x0FU, 0x800};
  if (byte >= 0xF0 && byte < 0xF5) return Lead{4, byte & 0x07U, 0x10000};
  return std::nullopt;
}

}  // namespace

std::optional<Character> character_at(std::string_view text, std::size_t at) {
  const std::optional<Lead> lead = lead_of(static_cast<unsigned char>(text[at]));
  if (!lead || at + lead->bytes > text.size()) return std::nullopt;
  char32_t code = lead->bits;
  for (std::size_t i = 1; i < lead->bytes; ++i) {
    const auto byte = static_cast<unsigned char>(text[at + i]);
    if ((byte & 0xC0U) != 0x80) return std::nullopt;
    code = code << 6U | (byte & 0x3FU);
  }
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < lead->least || code > 0x10FFFF || surrogate) return std::nullopt;
  return Character{code, lead->bytes};
}

std::optional<std::size_t> first_bad_utf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::optional<Character> character = character_at(text, at);
    if (!character) return at;
    at += character->bytes;
  }
  return std::nullopt;
}

int columns_of(char32_t code) {
  if (code < 0x300) return 1;
  if (holds(kZeroWide, code)) return 0;
  return holds(kTwoWide, code) ? 2 : 1;
}

bool is_control(char32_t code) {
  // C0, DEL and C1; the marks that reverse the direction of text; line and paragraph separators.
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x2028 || code == 0x2029 ||
         (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

std::string printable(std::string_view text, int columns_max) {
  std::string shown;
  int columns = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::optional<Character> character = character_at(text, at);
    const bool good = character && !is_control(character->code);
    columns += good ? columns_of(character->code) : 1;
    if (columns > columns_max) return shown + "…";
    const std::size_t bytes = character ? character->bytes : 1;
    shown += good ? text.substr(at, bytes) : std::string_view("\u00B7");
    at += bytes;
  }
  return shown;
}

}  // namespace tocsin
