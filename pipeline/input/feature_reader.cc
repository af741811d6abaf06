#include "pipeline/input/feature_reader.h"

#include <algorithm>
#include <string_view>

#include "pipeline/input/event_time.h"
#include "pipeline/input/json_number.h"
#include "pipeline/input/json_text.h"

namespace tocsin {

namespace {

bool is_json_string(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return false;
  const std::string_view inner = text.substr(1, text.size() - 2);
  return find_bad_escape(inner) == std::string_view::npos;
}

}  // namespace

FeatureReader::FeatureReader(const FeatureSettings& settings)
    : test_(settings.test),
      at_least_(settings.at_least),
      reads_time_(std::ranges::find(settings.transforms, Transform::hour_of_day) !=
                  settings.transforms.end()) {
  for (const std::string& word : settings.in) {
    Scalar scalar;
    if (is_json_string(word)) {
      scalar.is_bare = false;
      append_unescaped(scalar.text, std::string_view(word).substr(1, word.size() - 2));
    } else {
      scalar.text = word;
      if (is_json_number(word)) scalar.number = to_double(word);
    }
    in_.push_back(std::move(scalar));
  }
}

FieldReading FeatureReader::read(const JsonToken& token) const {
  if (test_ == FeatureTest::in) return read_membership(token);
  FieldReading reading = read_number(token);
  if (reads_time_ && reading.kind == FieldReading::Kind::not_a_number &&
      token.kind == JsonKind::string) {
    const std::optional<std::int64_t> time_ms = text_to_time_ms(token.text);
    if (time_ms) return {.kind = FieldReading::Kind::value, .value = static_cast<double>(*time_ms)};
  }
  if (test_ == FeatureTest::at_least) reading.value = reading.value >= at_least_ ? 1 : 0;
  return reading;
}

std::string_view FeatureReader::wanted() const {
  if (test_ == FeatureTest::in) return "a number, a text or a boolean";
  return reads_time_ ? "a time" : "a number";
}

FieldReading FeatureReader::read_membership(const JsonToken& token) const {
  if (token.is_missing()) return {};
  if (!token.is_scalar()) return {.kind = FieldReading::Kind::not_a_number};
  FieldReading reading{.kind = FieldReading::Kind::value};
  const auto is_equal = [&token](const Scalar& scalar) {
    return scalar.text == token.text && (scalar.is_bare || token.kind == JsonKind::string);
  };
  if (token.kind == JsonKind::number) {
    const std::optional<double> number = to_double(token.text);
    if (!number) return {.kind = FieldReading::Kind::out_of_range};
    reading.value = std::ranges::find(in_, number, &Scalar::number) != in_.end() ? 1 : 0;
  } else {
    reading.value = std::ranges::any_of(in_, is_equal) ? 1 : 0;
  }
  return reading;
}

FieldReading read_number(const JsonToken& token) {
  if (token.is_missing()) return {};
  const bool is_number = token.kind == JsonKind::number ||
                         (token.kind == JsonKind::string && is_json_number(token.text));
  if (!is_number) return {.kind = FieldReading::Kind::not_a_number};
  const std::optional<double> value = to_double(token.text);
  if (!value) return {.kind = FieldReading::Kind::out_of_range};
  return {.kind = FieldReading::Kind::value, .value = *value};
}

}  // namespace tocsin
