#include "pipeline/input/reject_detail.h"

#include <array>
#include <charconv>
#include <cstddef>

namespace tocsin {

namespace {

constexpr std::size_t kQuotedMaxBytes = 64;

void append_decimal(std::string& out, std::uint64_t value) {
  std::array<char, 20> digits{};
  out.append(digits.data(), std::to_chars(digits.data(), digits.data() + 20, value).ptr);
}

void append_cut(std::string& out, std::string_view text) {
  if (text.size() <= kQuotedMaxBytes) {
    out.append(text);
    return;
  }
  std::size_t kept = kQuotedMaxBytes;
  while (kept > 0 && (static_cast<unsigned char>(text[kept]) & 0xC0U) == 0x80) --kept;
  out.append(text.substr(0, kept)).append("…");
}

void append_quoted(std::string& out, std::string_view text) {
  out.push_back('"');
  append_cut(out, text);
  out.push_back('"');
}

void append_value(std::string& out, const JsonToken& token) {
  switch (token.kind) {
    case JsonKind::absent:
      out.append("absent");
      return;
    case JsonKind::null:
      out.append("null");
      return;
    case JsonKind::object:
      out.append("an object");
      return;
    case JsonKind::array:
      out.append("an array");
      return;
    case JsonKind::string:
      append_quoted(out, token.text);
      return;
    case JsonKind::boolean:
    case JsonKind::number:
      append_cut(out, token.text);
      return;
  }
}

}  // namespace

void append_diagnosis(std::string& out, const JsonDiagnosis& diagnosis) {
  out.append("The value cannot be read as JSON: ").append(diagnosis.what).append(" (byte ");
  append_decimal(out, diagnosis.position);
  out.append(").");
}

void append_too_large(std::string& out, std::size_t bytes, std::size_t bytes_max) {
  out.append("The value has ");
  append_decimal(out, bytes);
  out.append(" bytes, and at most ");
  append_decimal(out, bytes_max);
  out.append(" are read.");
}

void append_duplicate_key(std::string& out, std::string_view key) {
  out.append("An object has the key ");
  append_quoted(out, key);
  out.append(" twice.");
}

void append_unusable(std::string& out, std::string_view pointer, const JsonToken& token,
                     std::string_view wanted) {
  append_cut(out, pointer);
  out.append(" is ");
  append_value(out, token);
  out.append(", but must be ").append(wanted).append(".");
}

void append_out_of_range(std::string& out, std::string_view pointer, const JsonToken& token) {
  append_cut(out, pointer);
  out.append(" is ");
  append_value(out, token);
  out.append(", which is beyond the range of a double.");
}

void append_far_future(std::string& out, std::int64_t beyond_ms, std::string_view what) {
  constexpr std::int64_t kHourMs = 3'600'000;
  const bool is_days = beyond_ms >= 48 * kHourMs;
  const std::int64_t unit_ms = is_days ? 24 * kHourMs : kHourMs;
  out.append("The event time lies ");
  append_decimal(out, static_cast<std::uint64_t>(beyond_ms / unit_ms));
  out.append(is_days ? " days" : " hours").append(" beyond ").append(what).append(".");
}

}  // namespace tocsin
