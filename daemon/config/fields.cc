#include "daemon/config/fields.h"

#include <fmt/format.h>

#include <array>

#include "daemon/config/quantity.h"
#include "daemon/config/suggestion.h"
#include "detectors/parameter.h"

namespace tocsin {
namespace {

/// A section, and one as it may be written, where the table has one: of a list, an item.
std::string section_phrase(const Field& field) {
  std::string_view example = field.example;
  if (example.starts_with("[{") && example.ends_with("}]")) {
    example.remove_prefix(1);
    example.remove_suffix(1);
  }
  return example.starts_with('{') ? fmt::format("a section such as `{}`", example) : "a section";
}

/// What a type is called, without range and words.
std::string type_phrase(const Field& field) {
  switch (field.type) {
    case FieldType::section:
      return section_phrase(field);
    case FieldType::detector:
      return "a section such as `{type: spike}`";
    case FieldType::properties:
      return "a section of librdkafka properties";
    case FieldType::word:
      return "";
    case FieldType::text:
      return "a text of at least one character";
    case FieldType::app:
      return "a name of at most 200 letters, digits, `.`, `_` and `-`";
    case FieldType::topic:
      return "a name of at most 249 letters, digits, `.`, `_` and `-`";
    case FieldType::expression:
      return "a POSIX extended regular expression such as `^db-`";
    case FieldType::subscription:
      return "a topic's name, or a regular expression that begins with `^`";
    case FieldType::pointer:
      return "a JSON pointer such as `/field` or `/outer/inner`";
    case FieldType::entity:
      return "a JSON pointer such as `/host`, or `$key`";
    case FieldType::broker:
      return "HOST:PORT, or several with commas between";
    case FieldType::listen:
      return "HOST:PORT such as `127.0.0.1:8001`";
    case FieldType::boolean:
      return "`true` or `false`";
    case FieldType::integer:
      return "a whole number";
    case FieldType::number:
      return "a number";
    case FieldType::duration:
      return "a duration with a unit (ms, s, m, h, d)";
    case FieldType::size:
      return field.max < double{1U << 30U} ? "a size such as `64KiB` or `1MiB`"
                                           : "a size such as `64MiB` or `1GiB`";
    case FieldType::scalar:
      return "a number, a word or a text";
  }
  return "";
}

bool has_unit(const Field& field) {
  return field.type == FieldType::duration || field.type == FieldType::size;
}

bool has_range(const Field& field) {
  return field.type == FieldType::integer || field.type == FieldType::number || has_unit(field);
}

}  // namespace

const Field* find_field(std::span<const Field> fields, std::string_view name) {
  for (const Field& field : fields) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

std::string format_value(const Field& field, double value) {
  if (field.type == FieldType::duration) return format_duration(value);
  if (field.type == FieldType::size) return format_size(value);
  return format_number(value);
}

std::string allowed_item(const Field& field) {
  std::string result = type_phrase(field);
  if (has_range(field)) {
    result += fmt::format("{} from {} to {}", has_unit(field) ? "," : "",
                          format_value(field, field.min), format_value(field, field.max));
  }
  if (!field.words.empty()) {
    result += result.empty() ? "" : ", ";
    if (field.words.size() > 1 || !result.empty()) result += result.empty() ? "one of " : "or ";
    result += listed(field.words, "or");
  }
  if (!field.fields.empty() && field.type != FieldType::section &&
      field.type != FieldType::detector) {
    result += ", or a section";
  }
  return result;
}

std::string allowed(const Field& field) {
  std::string item = allowed_item(field);
  switch (field.shape) {
    case Shape::one:
      return item;
    case Shape::list:
      return fmt::format("a list such as `{}`", field.example);
    case Shape::one_or_list:
      return fmt::format("{}, or a list of such", item);
  }
  return item;
}

std::string_view name_of(Scope scope) {
  switch (scope) {
    case Scope::entity:
      return "entity";
    case Scope::group:
      return "group";
    case Scope::stream:
      return "stream";
  }
  return "";
}

std::vector<std::string_view> detector_names() {
  std::vector<std::string_view> names;
  for (const DetectorKind* kind : catalog()) names.push_back(kind->name);
  return names;
}

DetectorFields::DetectorFields(const DetectorKind& kind) {
  for (const Scope scope : kind.scopes) scopes_.push_back(name_of(scope));
  for (Field field : common_detector_fields()) {
    if (field.name == "scope") {
      field.words = scopes_;
      field.fallback = scopes_.front();
      field.fallback_note = "";
    }
    fields.push_back(field);
  }
  for (const Parameter& parameter : kind.parameters) {
    Field field{.name = parameter.name,
                .min = parameter.min,
                .max = parameter.max,
                .words = parameter.choices,
                .help = parameter.help};
    if (!parameter.choices.empty()) {
      field.type = FieldType::word;
      field.fallback = parameter.choices[static_cast<std::size_t>(parameter.fallback)];
    } else {
      field.type = parameter.integer ? FieldType::integer : FieldType::number;
      field.fallback = texts_.emplace_back(format_number(parameter.fallback));
    }
    fields.push_back(field);
  }
}

}  // namespace tocsin
