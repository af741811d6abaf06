#include "daemon/config/scalar.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "daemon/config/quantity.h"
#include "daemon/config/suggestion.h"
#include "daemon/config/text_format.h"

namespace tocsin {
namespace {

ScalarReading read_boolean(RawScalar raw) {
  const bool is_true = raw.text == "true";
  if (is_true || raw.text == "false") {
    if (raw.quoted) return ScalarMistake{.hint = "Remove the quotes."};
    return Scalar{.text = std::string(raw.text), .number = is_true ? 1.0 : 0.0};
  }
  constexpr std::array<std::string_view, 8> kTrue{"yes", "Yes", "YES",  "on",
                                                  "On",  "ON",  "True", "TRUE"};
  constexpr std::array<std::string_view, 8> kFalse{"no",  "No",  "NO",    "off",
                                                   "Off", "OFF", "False", "FALSE"};
  const auto is_in = [&](const auto& words) {
    return std::find(words.begin(), words.end(), raw.text) != words.end();
  };
  if (is_in(kTrue)) return ScalarMistake{.hint = "did you mean `true`?"};
  if (is_in(kFalse)) return ScalarMistake{.hint = "did you mean `false`?"};
  return ScalarMistake{};
}

std::optional<double> parse(FieldType type, std::string_view text) {
  if (type == FieldType::duration) return parse_duration(text);
  if (type == FieldType::size) return parse_size(text);
  return parse_number(text);
}

/// What to tell about a text that is not even a quantity.
std::string quantity_hint(FieldType type, std::string_view text) {
  const bool zeros = text.size() > 1 && text[0] == '0' &&
                     text.find_first_not_of("0123456789") == std::string_view::npos;
  if (zeros) return "Numbers have no leading zeros.";
  if (type == FieldType::duration && parse_number(text)) {
    return "Add the unit: ms, s, m, h or d.";
  }
  return "";
}

ScalarReading read_quantity(const Field& field, RawScalar raw) {
  const std::optional<double> value = parse(field.type, raw.text);
  const bool takes_text = field.type == FieldType::duration || field.type == FieldType::size;
  if (!value) return ScalarMistake{.hint = quantity_hint(field.type, raw.text)};
  if (raw.quoted && !takes_text) return ScalarMistake{.hint = "Remove the quotes."};
  const bool in_range = *value >= field.min && *value <= field.max;
  if (!in_range) return ScalarMistake{};
  if (field.type != FieldType::number && std::floor(*value) != *value) return ScalarMistake{};
  return Scalar{.text = std::string(raw.text), .number = *value};
}

ScalarReading read_as_type(const Field& field, RawScalar raw) {
  switch (field.type) {
    case FieldType::section:
    case FieldType::detector:
    case FieldType::properties:
    case FieldType::word:
      return ScalarMistake{};
    case FieldType::boolean:
      return read_boolean(raw);
    case FieldType::integer:
    case FieldType::number:
    case FieldType::duration:
    case FieldType::size:
      return read_quantity(field, raw);
    case FieldType::scalar:
      return Scalar{.text = std::string(raw.text), .quoted = raw.quoted};
    default:
      break;
  }
  if (const auto why = why_not(field.type, raw.text)) return ScalarMistake{.hint = why->hint};
  return Scalar{.text = std::string(raw.text)};
}

}  // namespace

ScalarReading read_scalar(const Field& field, RawScalar raw) {
  const auto word = std::find(field.words.begin(), field.words.end(), raw.text);
  if (word != field.words.end()) {
    const auto index = static_cast<std::size_t>(word - field.words.begin());
    return Scalar{.text = std::string(raw.text), .word = index};
  }
  ScalarReading reading = read_as_type(field, raw);
  auto* mistake = std::get_if<ScalarMistake>(&reading);
  if (mistake != nullptr && mistake->hint.empty()) {
    if (const auto near = nearest(raw.text, field.words)) {
      mistake->hint = fmt::format("did you mean `{}`?", *near);
    }
  }
  return reading;
}

}  // namespace tocsin
