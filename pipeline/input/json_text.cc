#include "pipeline/input/json_text.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

namespace tocsin {

namespace {

constexpr std::string_view kEscapeLetters = "\"\\/bfnrt";
constexpr std::string_view kEscapeMeanings = "\"\\/\b\f\n\r\t";

/// Reads `\uXXXX` at the front of `text`, a value below 0x10000.
std::optional<std::uint32_t> code_unit(std::string_view text) {
  if (text.size() < 6 || text[0] != '\\' || text[1] != 'u') return std::nullopt;
  std::uint32_t unit = 0;
  for (const char c : text.substr(2, 4)) {
    std::uint32_t digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<std::uint32_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      digit = static_cast<std::uint32_t>(c - 'a') + 10;
    } else if (c >= 'A' && c <= 'F') {
      digit = static_cast<std::uint32_t>(c - 'A') + 10;
    } else {
      return std::nullopt;
    }
    unit = unit * 16 + digit;
  }
  return unit;
}

/// Sequences of more than one byte (Unicode 15, table 3-7).
struct Utf8Form {
  unsigned char first_min = 0, first_max = 0, second_min = 0, second_max = 0;
  std::size_t length = 0;
};
constexpr std::array<Utf8Form, 8> kUtf8Forms{{{0xC2, 0xDF, 0x80, 0xBF, 2},
                                              {0xE0, 0xE0, 0xA0, 0xBF, 3},
                                              {0xE1, 0xEC, 0x80, 0xBF, 3},
                                              {0xED, 0xED, 0x80, 0x9F, 3},
                                              {0xEE, 0xEF, 0x80, 0xBF, 3},
                                              {0xF0, 0xF0, 0x90, 0xBF, 4},
                                              {0xF1, 0xF3, 0x80, 0xBF, 4},
                                              {0xF4, 0xF4, 0x80, 0x8F, 4}}};

bool is_high_surrogate(std::uint32_t unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
bool is_low_surrogate(std::uint32_t unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

/// An escape at the front of a text: its length, and the character it stands for.
struct Escape {
  std::size_t length = 0;
  std::uint32_t code_point = 0;
};

std::optional<Escape> escape_at_front(std::string_view text) {
  if (text.size() < 2) return std::nullopt;
  if (text[1] != 'u') {
    const std::size_t letter = kEscapeLetters.find(text[1]);
    if (letter == std::string_view::npos) return std::nullopt;
    return Escape{2, static_cast<std::uint32_t>(kEscapeMeanings[letter])};
  }
  const std::optional<std::uint32_t> unit = code_unit(text);
  if (!unit || is_low_surrogate(*unit)) return std::nullopt;
  if (!is_high_surrogate(*unit)) return Escape{6, *unit};
  const std::optional<std::uint32_t> low = code_unit(text.substr(6));
  if (!low || !is_low_surrogate(*low)) return std::nullopt;
  return Escape{12, 0x10000 + ((*unit - 0xD800) << 10U) + (*low - 0xDC00)};
}

void append_utf8(std::string& out, std::uint32_t code_point) {
  const auto put = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  const auto put_tail = [&put, code_point](std::uint32_t shift) {
    put(0x80U | (code_point >> shift & 0x3FU));
  };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xC0U | code_point >> 6U);
    put_tail(0);
  } else if (code_point < 0x10000) {
    put(0xE0U | code_point >> 12U);
    put_tail(6);
    put_tail(0);
  } else {
    put(0xF0U | code_point >> 18U);
    put_tail(12);
    put_tail(6);
    put_tail(0);
  }
}

void append_escaped(std::string& out, char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  const std::size_t letter = kEscapeMeanings.find(c);
  out.push_back('\\');
  if (letter != std::string_view::npos) {
    out.push_back(kEscapeLetters[letter]);
    return;
  }
  const auto byte = static_cast<unsigned char>(c);
  out.append("u00");
  out.push_back(kHex[byte >> 4U]);
  out.push_back(kHex[byte & 15U]);
}

}  // namespace

std::size_t find_bad_escape(std::string_view inner) {
  std::size_t at = inner.find('\\');
  while (at != std::string_view::npos) {
    const std::optional<Escape> escape = escape_at_front(inner.substr(at));
    if (!escape) return at;
    at = inner.find('\\', at + escape->length);
  }
  return std::string_view::npos;
}

void append_unescaped(std::string& out, std::string_view inner) {
  while (true) {
    const std::size_t at = inner.find('\\');
    out.append(inner.substr(0, at));
    if (at == std::string_view::npos) return;
    inner.remove_prefix(at);
    const Escape escape = escape_at_front(inner).value_or(Escape{1, '\\'});
    append_utf8(out, escape.code_point);
    inner.remove_prefix(escape.length);
  }
}

void append_json_string(std::string& out, std::string_view text) {
  out.push_back('"');
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\') {
      append_escaped(out, c);
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}

void append_pointer_step(std::string& pointer, std::string_view key) {
  pointer.push_back('/');
  for (const char c : key) {
    if (c == '~') {
      pointer.append("~0");
    } else if (c == '/') {
      pointer.append("~1");
    } else {
      pointer.push_back(c);
    }
  }
}

std::size_t utf8_length(std::string_view text) {
  if (text.empty()) return 0;
  const auto byte = [&text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  // Overlong forms, surrogates and what lies beyond U+10FFFF show in the second byte.
  const auto form = std::ranges::find_if(kUtf8Forms, [first](const Utf8Form& candidate) {
    return first >= candidate.first_min && first <= candidate.first_max;
  });
  if (form == kUtf8Forms.end() || text.size() < form->length) return 0;
  if (byte(1) < form->second_min || byte(1) > form->second_max) return 0;
  for (std::size_t i = 2; i < form->length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return 0;
  }
  return form->length;
}

bool is_utf8(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

}  // namespace tocsin
