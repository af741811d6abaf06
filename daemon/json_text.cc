#include "daemon/json_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <span>

namespace tocsin {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// The shape of a UTF-8 sequence by its first byte: length, and the range of the second byte,
/// which is where overlong forms, surrogates and values beyond U+10FFFF show.
struct Sequence {
  std::size_t length = 0;  ///< 0: not a first byte.
  unsigned char second_min = 0x80;
  unsigned char second_max = 0xBF;
};

Sequence sequence_of(unsigned char first) {
  if (first >= 0xC2 && first <= 0xDF) return {.length = 2};
  if (first == 0xE0) return {.length = 3, .second_min = 0xA0};
  if (first == 0xED) return {.length = 3, .second_max = 0x9F};
  if (first >= 0xE1 && first <= 0xEF) return {.length = 3};
  if (first == 0xF0) return {.length = 4, .second_min = 0x90};
  if (first == 0xF4) return {.length = 4, .second_max = 0x8F};
  if (first >= 0xF1 && first <= 0xF3) return {.length = 4};
  return {};
}

/// Bytes of the valid multi-byte sequence at the front of `text`; 0 when there is none.
std::size_t valid_sequence(std::string_view text) {
  const Sequence sequence = sequence_of(static_cast<unsigned char>(text[0]));
  if (sequence.length == 0 || text.size() < sequence.length) return 0;
  const auto second = static_cast<unsigned char>(text[1]);
  if (second < sequence.second_min || second > sequence.second_max) return 0;
  for (std::size_t i = 2; i < sequence.length; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U) return 0;
  }
  return sequence.length;
}

void append_ascii(std::string& out, char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  if (byte >= 0x20 && byte != 0x7F) {
    out += c;
    return;
  }
  out += "\\u00";
  out += kHex[byte >> 4U];
  out += kHex[byte & 0xFU];
}

}  // namespace

void append_json_text(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    std::size_t taken = 1;
    if (static_cast<unsigned char>(text[0]) < 0x80) {
      append_ascii(out, text[0]);
    } else if (const std::size_t length = valid_sequence(text); length > 0) {
      out += text.substr(0, length);
      taken = length;
    } else {
      out += kReplacement;
    }
    text.remove_prefix(taken);
  }
  out += '"';
}

void append_json_number(std::string& out, double value) {
  std::array<char, 32> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  const std::string_view text(digits.data(), static_cast<std::size_t>(end - digits.data()));
  if (std::isfinite(value)) {
    out += text;
  } else {
    append_json_text(out, text);
  }
}

JsonObject& JsonObject::add(std::string_view name, std::string_view value) {
  std::string json;
  append_json_text(json, value);
  return add_raw(name, json);
}

JsonObject& JsonObject::add(std::string_view name, bool value) {
  return add_raw(name, value ? "true" : "false");
}

JsonObject& JsonObject::add(std::string_view name, double value) {
  std::string json;
  append_json_number(json, value);
  return add_raw(name, json);
}

JsonObject& JsonObject::add_raw(std::string_view name, std::string_view json) {
  if (!members_.empty()) members_ += ',';
  append_json_text(members_, name);
  members_ += ':';
  members_ += json;
  return *this;
}

}  // namespace tocsin
