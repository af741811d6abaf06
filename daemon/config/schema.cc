#include "daemon/config/schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/config/fields.h"
#include "daemon/config/quantity.h"
#include "daemon/config/quoted_text.h"
#include "daemon/config/text_format.h"

namespace tocsin {
namespace {

constexpr std::string_view kAnyScalar = R"("type":["string","number","boolean"])";

/// Not `.` nor `..`, which Kafka has for no topic.
constexpr std::string_view kName = "(\\\\.*[A-Za-z0-9_-][A-Za-z0-9._-]*|\\\\.{3,})";
constexpr std::string_view kHost = "([A-Za-z0-9._-]+|\\\\[[A-Za-z0-9._:%-]+\\\\])";

/// In YAML a name may look like a number.
std::string name(std::size_t bytes_max) {
  return fmt::format(R"-({},"maxLength":{},"pattern":"^{}$")-", kAnyScalar, bytes_max, kName);
}

std::string quoted_list(std::span<const std::string_view> words) {
  std::string result;
  for (const std::string_view word : words) result += (result.empty() ? "" : ",") + quoted(word);
  return "[" + result + "]";
}

std::string object(std::span<const Field> fields, std::string_view type_name);

std::string range(const Field& field) {
  return fmt::format(R"("minimum":{},"maximum":{})", format_number(field.min),
                     format_number(field.max));
}

/// The members of a schema for the type itself; empty where only words or a section are allowed.
std::string type_members(const Field& field) {
  switch (field.type) {
    case FieldType::section:
    case FieldType::detector:
    case FieldType::properties:
    case FieldType::word:
      return "";
    case FieldType::expression:
    case FieldType::text:
      return fmt::format(R"({},"minLength":1,"maxLength":{})", kAnyScalar, kTextBytesMax);
    case FieldType::scalar:
      return std::string(kAnyScalar);
    case FieldType::app:
      return name(kAppBytesMax);
    case FieldType::topic:
      return name(kTopicBytesMax);
    case FieldType::subscription:
      return fmt::format(R"-({},"pattern":"^(\\^.*|{})$")-", kAnyScalar, kName);
    case FieldType::pointer:
      return R"-("type":"string","pattern":"^((/([^~]|~[01])*)|[A-Za-z0-9_-]+)$")-";
    case FieldType::entity:
      return R"-("type":"string","pattern":"^((/([^~]|~[01])*)|\\$\\$?key)$")-";
    case FieldType::broker:
      return fmt::format(R"-("type":"string","pattern":"^{0}(,{0})*$")-",
                         "([A-Za-z]+://)?" + std::string(kHost) + ":[0-9]{1,5}");
    case FieldType::listen:
      return fmt::format(R"-("type":"string","pattern":"^{}:[0-9]{{1,5}}$")-", kHost);
    case FieldType::boolean:
      return R"("type":"boolean")";
    case FieldType::integer:
      return R"("type":"integer",)" + range(field);
    case FieldType::number:
      return R"("type":"number",)" + range(field);
    case FieldType::duration:
      return R"("type":"string","pattern":"^[0-9]+(ms|s|m|h|d)$")";
    case FieldType::size:
      return R"("type":["string","integer"],"pattern":"^[0-9]+(B|[kKMGT]B|[KMGT]iB)?$",)" +
             range(field);
  }
  return "";
}

/// Each kind of detector has options of its own.
std::string detectors() {
  std::string kinds;
  for (const DetectorKind* kind : catalog()) {
    const DetectorFields table(*kind);
    kinds += (kinds.empty() ? "" : ",") + object(table.fields, kind->name);
  }
  return fmt::format(R"({{"type":"object","oneOf":[{}]}})", kinds);
}

/// One value: any of what is allowed.
std::string one(const Field& field) {
  std::vector<std::string> ways;
  const std::string members = type_members(field);
  if (!members.empty()) ways.push_back("{" + members + "}");
  if (!field.words.empty()) {
    std::string words = quoted_list(field.words);
    // Tools of YAML 1.1 take the word `off` for a boolean.
    if (std::ranges::find(field.words, "off") != field.words.end()) words.insert(1, "false,");
    ways.push_back(fmt::format(R"({{"enum":{}}})", words));
  }
  // A reference stands for any scalar.
  if (!ways.empty()) ways.emplace_back(R"({"type":"string","pattern":"\\$\\{"})");
  if (field.type == FieldType::detector) {
    ways.push_back(detectors());
  } else if (field.type == FieldType::properties) {
    ways.push_back(fmt::format(R"({{"type":"object","additionalProperties":{{{}}}}})", kAnyScalar));
  } else if (!field.fields.empty()) {
    ways.push_back(object(field.fields, ""));
  }
  if (ways.size() == 1) return ways.front();
  std::string result;
  for (const std::string& way : ways) result += (result.empty() ? "" : ",") + way;
  return fmt::format(R"({{"anyOf":[{}]}})", result);
}

std::string shaped(const Field& field) {
  std::string item = one(field);
  if (field.shape == Shape::one) return item;
  std::string list = fmt::format(R"({{"type":"array","items":{},"minItems":1,"maxItems":{}}})",
                                 item, field.items_max);
  if (field.shape == Shape::list) return list;
  return fmt::format(R"({{"anyOf":[{},{}]}})", item, list);
}

std::string default_of(const Field& field) {
  const bool is_raw = field.type == FieldType::boolean || parse_number(field.fallback).has_value();
  return is_raw ? std::string(field.fallback) : quoted(field.fallback);
}

/// A field with what an editor shows beside it.
std::string member(const Field& field) {
  std::string schema = shaped(field);
  schema.pop_back();
  schema += fmt::format(R"(,"description":{})", quoted(field.help));
  if (!field.fallback.empty()) schema += fmt::format(R"(,"default":{})", default_of(field));
  return schema + "}";
}

/// A section. `type_name`, where not empty, is the one allowed value of its field `type`.
std::string object(std::span<const Field> fields, std::string_view type_name) {
  std::string properties;
  std::vector<std::string_view> required;
  for (const Field& field : fields) {
    const bool is_type = !type_name.empty() && field.name == "type";
    properties += fmt::format("{}{}:{}", properties.empty() ? "" : ",", quoted(field.name),
                              is_type ? fmt::format(R"({{"const":{},"description":{}}})",
                                                    quoted(type_name), quoted(field.help))
                                      : member(field));
    if (field.required) required.push_back(field.name);
  }
  const std::string needs =
      required.empty() ? "" : fmt::format(R"("required":{},)", quoted_list(required));
  return fmt::format(R"({{"type":"object","additionalProperties":false,{}"properties":{{{}}}}})",
                     needs, properties);
}

bool opens(char c) { return c == '{' || c == '['; }
bool closes(char c) { return c == '}' || c == ']'; }

/// The end of the text that begins with the quote at `begin`.
std::size_t end_of_text(std::string_view json, std::size_t begin) {
  std::size_t at = begin + 1;
  while (json[at] != '"') at += json[at] == '\\' ? 2U : 1U;
  return at + 1;
}

bool ends_line(char c, char next) { return c == ',' || (opens(c) && !closes(next)); }

/// `json`, which has no blanks outside of texts, with a line for each member.
std::string indented(std::string_view json) {
  std::string out;
  std::size_t depth = 0;
  const auto line = [&] { out += '\n' + std::string(depth * 2, ' '); };
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (c == '"') {
      const std::size_t end = end_of_text(json, i);
      out += json.substr(i, end - i);
      i = end - 1;
      continue;
    }
    if (closes(c)) --depth;
    if (closes(c) && !opens(json[i - 1])) line();
    out += c;
    if (c == ':') out += ' ';
    if (opens(c)) ++depth;
    if (i + 1 < json.size() && ends_line(c, json[i + 1])) line();
  }
  return out + '\n';
}

}  // namespace

std::string json_schema() {
  std::string schema = object(config_fields(), "");
  schema.insert(1, R"("$schema":"https://json-schema.org/draft/2020-12/schema",)"
                   R"("title":"tocsin configuration",)");
  return indented(schema);
}

}  // namespace tocsin
