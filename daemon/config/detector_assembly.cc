#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "daemon/config/assembly.h"
#include "daemon/config/suggestion.h"
#include "daemon/config/text_format.h"
#include "daemon/config/utf8.h"

namespace tocsin {
namespace {

bool same(const DetectorSettings& left, const DetectorSettings& right) {
  return left.kind == right.kind && left.scope == right.scope && left.group_by == right.group_by &&
         left.features == right.features &&
         std::ranges::equal(left.parameters.values(), right.parameters.values());
}

/// Features that the detector names must be features of the stream, each once.
std::vector<std::string> assemble_names(const Section& section, const Section& stream,
                                        const StreamSettings& settings, Findings& findings) {
  std::vector<std::string_view> known;
  for (const FeatureSettings& feature : settings.features) {
    const bool is_new = std::find(known.begin(), known.end(), feature.name) == known.end();
    if (is_new && !feature.name.empty()) known.push_back(feature.name);
  }
  std::vector<std::string> names;
  for (const Value* item : section.items("features")) {
    const std::string& name = item->scalar.text;
    if (!stream.mentions("features")) {
      findings.error(
          {item->place, item->path,
           fmt::format("names the feature `{}`, but the stream's features are discovered",
                       printable(name, 60)),
           "List them under the stream's `features`."});
    } else if (stream.find("features") != nullptr &&
               std::find(known.begin(), known.end(), name) == known.end()) {
      findings.error({item->place, item->path,
                      fmt::format("no feature is called `{}`", printable(name, 60)),
                      suggest(name, known)});
    } else if (std::find(names.begin(), names.end(), name) != names.end()) {
      findings.error({item->place, item->path,
                      fmt::format("names the feature `{}` twice", printable(name, 60)), ""});
    }
    names.push_back(name);
  }
  return names;
}

void check_scope(const Section& section, const Value& value, Scope scope, Findings& findings) {
  const Value* group_by = section.find("group_by");
  if (scope == Scope::group && !section.mentions("group_by")) {
    const Value* place = section.find("scope");
    findings.error({place != nullptr ? place->place : value.place, section.path("scope"),
                    "is `group`, but `group_by` does not say by which field",
                    "For instance `group_by: /region`."});
  }
  if (scope != Scope::group && group_by != nullptr && section.find("scope") != nullptr) {
    findings.error({group_by->key_place, group_by->path,
                    fmt::format("contradicts `scope: {}`", name_of(scope)),
                    "Only `scope: group` has groups."});
  } else if (scope != Scope::group && group_by != nullptr && !section.mentions("scope")) {
    findings.error({group_by->key_place, group_by->path,
                    fmt::format("has no meaning in scope `{}`, the default", name_of(scope)),
                    "Add `scope: group`."});
  }
}

std::optional<DetectorSettings> assemble_detector(const Value& value, const Section& stream,
                                                  const StreamSettings& settings,
                                                  Findings& findings) {
  const DetectorKind* kind = find_detector(value.find("type")->scalar.text);
  const DetectorFields table(*kind);
  const Section section(&value, table.fields);
  DetectorSettings detector{.kind = kind, .parameters = Settings(kind->parameters)};
  for (const Parameter& parameter : kind->parameters) {
    const Scalar scalar = section.scalar(parameter.name);
    detector.parameters.set(parameter.name,
                            scalar.word ? static_cast<double>(*scalar.word) : scalar.number);
  }
  detector.scope = kind->scopes[section.word("scope")];
  detector.group_by = pointer_of(section.text("group_by"));
  detector.features = assemble_names(section, stream, settings, findings);
  check_scope(section, value, detector.scope, findings);

  const bool all_valid = std::all_of(value.parts.begin(), value.parts.end(),
                                     [](const Value& part) { return part.is_valid; });
  if (!all_valid) return std::nullopt;
  const int dimensions = detector.features.empty() ? settings.dimensions()
                                                   : static_cast<int>(detector.features.size());
  if (dimensions < 1 || dimensions > kMaxDimensions) return detector;
  if (dimensions < kind->features_min) {
    findings.error({value.place, value.path,
                    fmt::format("`{}` compares features with one another, but has {} of the {} "
                                "that it needs",
                                kind->name, dimensions, kind->features_min),
                    "Name more features, or remove it."});
  }
  const auto made = kind->make(detector.parameters, dimensions, settings.seed);
  if (!made) findings.error({value.place, value.path, made.error().message, ""});
  return detector;
}

}  // namespace

std::vector<DetectorSettings> assemble_detectors(const Section& stream,
                                                 const StreamSettings& settings,
                                                 Findings& findings) {
  if (!stream.mentions("detectors")) {
    return default_detectors(settings.dimensions(),
                             settings.forecast.use != ForecastSettings::Use::off);
  }
  std::vector<DetectorSettings> detectors;
  std::vector<const Value*> values;
  for (const Value* value : stream.items("detectors")) {
    auto detector = assemble_detector(*value, stream, settings, findings);
    if (!detector) continue;
    const auto twin =
        std::find_if(detectors.begin(), detectors.end(),
                     [&](const DetectorSettings& other) { return same(other, *detector); });
    if (twin != detectors.end()) {
      const Value& first = *values[static_cast<std::size_t>(twin - detectors.begin())];
      findings.error({value->place, value->path,
                      fmt::format("is the same `{}` as `{}` in line {}", detector->kind->name,
                                  first.path, first.place.line),
                      "Remove one; listed twice it says nothing new."});
    }
    detectors.push_back(std::move(*detector));
    values.push_back(value);
  }
  return detectors;
}

}  // namespace tocsin
