#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "daemon/config/assembly.h"
#include "daemon/config/quantity.h"
#include "daemon/config/quoted_text.h"
#include "daemon/config/text_format.h"
#include "daemon/config/utf8.h"

namespace tocsin {
namespace {

constexpr std::array<std::string_view, 3> kTests{"at_least", "is", "in"};

/// A scalar of a test as FeatureSettings wants it: what is a number or a boolean without quotes
/// stays bare and may match a text, too; anything else is a text.
std::string test_scalar(const Scalar& scalar) {
  const bool may_be_bare =
      scalar.text == "true" || scalar.text == "false" || parse_number(scalar.text);
  return may_be_bare && !scalar.quoted ? scalar.text : quoted(scalar.text);
}

bool is_stateful(Transform transform) {
  return transform == Transform::diff || transform == Transform::rate;
}

void assemble_test(const Section& section, FeatureSettings& feature, Findings& findings) {
  const Value* first = nullptr;
  for (const std::string_view test : kTests) {
    const Value* value = section.find(test);
    if (value == nullptr) continue;
    if (first != nullptr) {
      const bool later = value->key_place > first->key_place;
      const Value& second = later ? *value : *first;
      findings.error({second.key_place, second.path,
                      fmt::format("is a second test beside `{}`, but a feature has at most one",
                                  later ? first->name : value->name),
                      "Make two features of it."});
      return;
    }
    first = value;
  }
  if (first == nullptr) return;
  if (first->name == "at_least") {
    feature.test = FeatureTest::at_least;
    feature.at_least = first->scalar.number;
    return;
  }
  feature.test = FeatureTest::in;
  for (const Value* item : section.items(first->name)) {
    feature.in.push_back(test_scalar(item->scalar));
  }
}

bool reads_hour(const FeatureSettings& feature) {
  const auto& transforms = feature.transforms;
  return std::find(transforms.begin(), transforms.end(), Transform::hour_of_day) !=
         transforms.end();
}

/// `hour_of_day` makes an hour of a time: nothing can be done to the time before, and what
/// `diff` and `rate` would remember of an hour jumps at midnight.
void check_hour(const Section& section, const FeatureSettings& feature, Findings& findings) {
  const auto& transforms = feature.transforms;
  if (transforms.size() > 1) {
    const Value* transform = section.find("transform");
    const bool stateful = std::any_of(transforms.begin(), transforms.end(), is_stateful);
    findings.error({transform->place, transform->path,
                    stateful ? "`hour_of_day` cannot be combined with `diff` or `rate`: an hour "
                               "begins anew every day"
                             : "`hour_of_day` stands alone, but here are other transforms",
                    "Make two features of it."});
  }
  for (const std::string_view test : kTests) {
    const Value* value = section.find(test);
    if (value == nullptr) continue;
    findings.error({value->key_place, value->path,
                    "contradicts `transform: hour_of_day`: a test gives 0 or 1, which is no time",
                    "Make two features of it."});
  }
}

/// A test gives 0 or 1: `log1p` and `abs` only rename these, and of `diff` and `rate` only a change
/// of the test is left, which detectors of sequences see by themselves.
void check_test(const Section& section, const FeatureSettings& feature, Findings& findings) {
  const Value* transform = section.find("transform");
  if (feature.test == FeatureTest::none || transform == nullptr) return;
  const auto test = std::find_if(kTests.begin(), kTests.end(),
                                 [&](std::string_view name) { return section.find(name); });
  findings.error({transform->key_place, transform->path,
                  fmt::format("contradicts `{}`: a test gives 0 or 1, of which no transform makes "
                              "anything more",
                              *test),
                  "Leave one of them out, or make two features of it."});
}

/// Of all features only an hour of day can do without a field.
void check_field_is_there(const Value& value, const Section& section, Findings& findings) {
  const bool transform_is_wrong = section.mentions("transform") && !section.find("transform");
  if (section.mentions("field") || transform_is_wrong) return;
  findings.error({value.place, section.path("field"), "is missing",
                  "It says where in the event the value stands, such as `/duration_ms`; only "
                  "`transform: hour_of_day` does without."});
}

FeatureSettings::Limits assemble_limits(const Section& section) {
  FeatureSettings::Limits limits{.direction = static_cast<Direction>(section.word("direction")),
                                 .min_change = section.number("min_change"),
                                 .ignore_below = {}};
  if (const Value* value = section.find("ignore_below")) limits.ignore_below = value->scalar.number;
  return limits;
}

/// Whether it is known what the feature is called: a name or a field that is wrong has been
/// reported, and only an hour of day can do without both.
bool has_name(const Value& value, const FeatureSettings& feature) {
  if (value.mentions("name")) return value.find("name") != nullptr;
  return value.mentions("field") ? value.find("field") != nullptr : reads_hour(feature);
}

FeatureSettings assemble_feature(const Value& value, Findings& findings) {
  const Section section(
      &value, find_field(find_field(config_fields(), "streams")->fields, "features")->fields);
  FeatureSettings feature{.field = pointer_of(section.text("field"))};
  for (const Value* item : section.items("transform")) {
    feature.transforms.push_back(static_cast<Transform>(*item->scalar.word));
  }
  assemble_test(section, feature, findings);
  feature.limits = assemble_limits(section);
  if (section.mentions("sensitivity")) feature.sensitivity = simple_sensitivity(section);
  if (reads_hour(feature)) {
    check_hour(section, feature, findings);
  } else {
    check_test(section, feature, findings);
    check_field_is_there(value, section, findings);
  }
  feature.name = section.text("name");
  if (section.mentions("name")) return feature;
  const std::vector<std::string> parts = pointer_parts(feature.field);
  feature.name = parts.empty() ? "hour_of_day" : parts.back();
  return feature;
}

}  // namespace

std::vector<FeatureSettings> assemble_features(const Section& stream, Findings& findings) {
  std::vector<FeatureSettings> features;
  std::vector<const Value*> values;
  for (const Value* value : stream.items("features")) {
    FeatureSettings feature = assemble_feature(*value, findings);
    const auto same =
        std::find_if(features.begin(), features.end(),
                     [&](const FeatureSettings& other) { return other.name == feature.name; });
    const bool is_named = has_name(*value, feature);
    if (!is_named) feature.name.clear();
    if (same != features.end() && is_named) {
      const Value& first = *values[static_cast<std::size_t>(same - features.begin())];
      const Value* name = value->find("name");
      findings.error({name != nullptr ? name->place : value->place, value->path + ".name",
                      fmt::format("a feature is called `{}` already, in line {}",
                                  printable(feature.name, 60), first.place.line),
                      "Give each feature of a stream a name of its own."});
    }
    features.push_back(std::move(feature));
    values.push_back(value);
  }
  return features;
}

}  // namespace tocsin
