#include "daemon/config/schema.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>

#include "daemon/config/config_for_test.h"
#include "daemon/config/document.h"
#include "daemon/config/quantity.h"
#include "daemon/config/reference.h"
#include "pipeline/log/topic_expression.h"

namespace tocsin {
namespace {

YamlNode parsed(const std::string& text) {
  Findings findings;
  auto document = parse_document(SourceText("t", text), findings);
  EXPECT_TRUE(document) << text;
  return document ? std::move(document->root) : YamlNode{};
}

const YamlNode* member(const YamlNode& object, std::string_view name) {
  for (std::size_t i = 0; i < object.keys.size(); ++i) {
    if (object.keys[i].text == name) return &object.items[i];
  }
  return nullptr;
}

/// Whether a value, as YAML sees it, is of a type of JSON Schema.
bool is_of(const YamlNode& value, std::string_view type) {
  if (type == "object") return value.kind == NodeKind::map;
  if (type == "array") return value.kind == NodeKind::list;
  if (value.kind != NodeKind::scalar) return false;
  const bool is_boolean = value.plain && (value.text == "true" || value.text == "false");
  const auto number = value.plain ? parse_number(value.text) : std::nullopt;
  if (type == "boolean") return is_boolean;
  if (type == "number") return number.has_value();
  const double whole = number.value_or(.5);
  if (type == "integer") return std::floor(whole) == whole;
  return type == "string" && !is_boolean && !number;
}

/// JSON Schema, as much of it as json_schema() uses; another keyword fails the test.
bool accepts(const YamlNode& schema, const YamlNode& value);

bool accepts_object(const YamlNode& schema, const YamlNode& value) {
  const YamlNode* properties = member(schema, "properties");
  const YamlNode* others = member(schema, "additionalProperties");
  for (std::size_t i = 0; i < value.keys.size(); ++i) {
    const YamlNode* own = properties ? member(*properties, value.keys[i].text) : nullptr;
    if (own == nullptr && others != nullptr && others->text == "false") return false;
    if (own == nullptr) own = others;
    if (own != nullptr && !accepts(*own, value.items[i])) return false;
  }
  const YamlNode* required = member(schema, "required");
  return required == nullptr ||
         std::all_of(required->items.begin(), required->items.end(),
                     [&](const YamlNode& name) { return member(value, name.text) != nullptr; });
}

bool accepts_array(const YamlNode& schema, const YamlNode& value) {
  const auto size = static_cast<double>(value.items.size());
  const YamlNode* least = member(schema, "minItems");
  const YamlNode* most = member(schema, "maxItems");
  if (least && size < *parse_number(least->text)) return false;
  if (most && size > *parse_number(most->text)) return false;
  const YamlNode* items = member(schema, "items");
  return items == nullptr || std::all_of(value.items.begin(), value.items.end(),
                                         [&](const YamlNode& one) { return accepts(*items, one); });
}

bool accepts_scalar(const YamlNode& schema, const YamlNode& value) {
  if (const YamlNode* constant = member(schema, "const")) return value.text == constant->text;
  if (const YamlNode* words = member(schema, "enum")) {
    return std::any_of(words->items.begin(), words->items.end(),
                       [&](const YamlNode& word) { return word.text == value.text; });
  }
  const YamlNode* least = member(schema, "minimum");
  const YamlNode* most = member(schema, "maximum");
  if (is_of(value, "number")) {
    const double number = *parse_number(value.text);
    if (least && number < *parse_number(least->text)) return false;
    if (most && number > *parse_number(most->text)) return false;
  }
  const YamlNode* shortest = member(schema, "minLength");
  const YamlNode* longest = member(schema, "maxLength");
  const auto length = static_cast<double>(value.text.size());
  if (shortest && is_of(value, "string") && length < *parse_number(shortest->text)) return false;
  if (longest && is_of(value, "string") && length > *parse_number(longest->text)) return false;
  const YamlNode* pattern = member(schema, "pattern");
  if (pattern == nullptr || !is_of(value, "string")) return true;
  return TopicExpression::make(pattern->text)->matches(value.text);
}

bool accepts(const YamlNode& schema, const YamlNode& value) {
  constexpr std::array<std::string_view, 20> kKnown{
      "$schema",  "title",    "description", "default",
      "type",     "enum",     "const",       "pattern",
      "minimum",  "maximum",  "items",       "minItems",
      "maxItems", "required", "properties",  "additionalProperties",
      "anyOf",    "oneOf",    "minLength",   "maxLength"};
  for (const Key& key : schema.keys) {
    EXPECT_NE(std::find(kKnown.begin(), kKnown.end(), key.text), kKnown.end()) << key.text;
  }
  if (const YamlNode* type = member(schema, "type")) {
    const bool fits = type->kind == NodeKind::list
                          ? std::any_of(type->items.begin(), type->items.end(),
                                        [&](const YamlNode& one) { return is_of(value, one.text); })
                          : is_of(value, type->text);
    if (!fits) return false;
  }
  for (const char* name : {"anyOf", "oneOf"}) {
    const YamlNode* ways = member(schema, name);
    if (ways == nullptr) continue;
    const auto fitting = std::count_if(ways->items.begin(), ways->items.end(),
                                       [&](const YamlNode& way) { return accepts(way, value); });
    if (fitting == 0 || (fitting > 1 && std::string_view(name) == "oneOf")) return false;
  }
  if (value.kind == NodeKind::map) return accepts_object(schema, value);
  if (value.kind == NodeKind::list) return accepts_array(schema, value);
  return accepts_scalar(schema, value);
}

class SchemaTest : public testing::Test {
 protected:
  bool accepted(const std::string& text) const { return accepts(schema_, parsed(text)); }

  YamlNode schema_ = parsed(json_schema());
};

TEST_F(SchemaTest, AcceptsTheReferenceAndTheSmallest) {
  EXPECT_TRUE(accepted(source_file("deploy/tocsin.yaml")));
  EXPECT_TRUE(accepted(smallest_configuration()));
  EXPECT_TRUE(accepted(effective_yaml(*compiled(source_file("deploy/tocsin.yaml")).config)));
}

TEST_F(SchemaTest, AcceptsWhatTheCompilerAccepts) {
  for (const std::string& text :
       {valid() + "pipeline: {workers: 4, epoch: 5s}\n", valid() + "app: 5\n",
        valid() + "pipeline: {workers: '${env:N:-3}'}\n",
        valid() + "memory: {max_bytes: 1073741824}\n", stream_with("    sensitivity: 0.01\n"),
        stream_with("    entity: $key\n"), stream_with("    entity: [$$key, /a]\n"),
        stream_with("    sensitivity: {incidents_per_day: 1, events_per_second: 1}\n"),
        stream_with(
            "    entity: /a\n    features: [{field: /a, transform: abs}, {field: /b, is: true}]\n"),
        stream_with("    detectors: [{type: spike, half_life_points: 9}]\n")}) {
    EXPECT_TRUE(compiled(text).config) << text;
    EXPECT_TRUE(accepted(text)) << text;
  }
}

TEST_F(SchemaTest, RefusesWhatASchemaCanRefuse) {
  for (const std::string& text :
       {std::string("app: x\n"),
        valid() + "pipelines: {}\n",
        valid() + "pipeline: {workers: 0}\n",
        valid() + "pipeline: {workers: many}\n",
        valid() + "pipeline: {epoch: 200}\n",
        valid() + "memory: {max_bytes: 64Mb}\n",
        valid() + "delivery: maybe\n",
        valid() + "outputs: {scores: {include_event: yes}}\n",
        valid() + "streams2: []\n",
        stream_with("    name: ''\n"),
        stream_with("    name: ..\n"),
        "app: .\n" + valid(),
        "app: " + std::string(201, 'a') + "\n" + valid(),
        stream_with("    features: [{name: '', field: /a}]\n"),
        stream_with("    features: [{field: /a~2}]\n"),
        stream_with("    entity: /a~\n"),
        std::string("kafka: {brokers: [':9092']}\nstreams: [{topics: [x]}]\n"),
        std::string("kafka: {brokers: ['a:1,b']}\nstreams: [{topics: [x]}]\n"),
        valid() + "http: {listen: ':8001'}\n",
        stream_with("    entity: a\n"),
        stream_with("    detectors: [{type: nope}]\n"),
        stream_with("    detectors: [{type: spike, nope: 1}]\n"),
        stream_with("    detectors: [{type: spike, half_life_points: 0}]\n"),
        stream_with("    features: [{field: /a, transform: cube}]\n"),
        stream_with("    features: []\n")}) {
    EXPECT_FALSE(compiled(text).config) << text;
    EXPECT_FALSE(accepted(text)) << text;
  }
}

}  // namespace
}  // namespace tocsin
