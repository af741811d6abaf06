#include "pipeline/scoring/definition.h"

#include <algorithm>
#include <bit>
#include <utility>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "pipeline/input/flat_bytes.h"

namespace tocsin {

namespace {

// Raised whenever the same settings would lay out or continue the block differently.
constexpr std::uint64_t kHeaderVersion = 1;
constexpr std::uint64_t kGapVersion = 1;
constexpr std::uint64_t kEntitiesVersion = 1;
constexpr std::uint64_t kCalibrationVersion = 3;
constexpr std::uint64_t kScaledCalibrationVersion = 4;  // where several features are commensurate
constexpr std::uint64_t kCombinationVersion = 3;
constexpr std::uint64_t kTransformsVersion = 1;
constexpr std::uint64_t kForecastVersion = 1;
constexpr std::uint64_t kDiscoveryVersion = 1;
constexpr std::uint64_t kPolicyVersion = 4;
constexpr std::uint64_t kLearningVersion = 1;
constexpr std::uint64_t kAlarmsVersion = 1;
constexpr std::uint64_t kNewsVersion = 1;
constexpr std::uint64_t kScaledNewsVersion = 2;
constexpr std::uint64_t kRelatedAlertsVersion = 1;
constexpr std::uint64_t kIncidentsVersion = 2;
constexpr std::uint64_t kInputVersion = 1;

/// Values laid end to end; strings carry their length, so that no two lists read the same.
class Value {
 public:
  Value& text(std::string_view value) {
    text_ += std::to_string(value.size()) + ':';
    text_ += value;
    text_ += ' ';
    return *this;
  }
  Value& number(std::uint64_t value) {
    text_ += std::to_string(value) + ' ';
    return *this;
  }
  Value& real(double value) { return number(std::bit_cast<std::uint64_t>(value)); }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

std::string quoted(std::string_view name) { return '`' + std::string(name) + '`'; }

Definition versioned(std::uint64_t version) {
  return {{.name = "its algorithm", .value = std::to_string(version)}};
}

void append(Definition& to, Definition from) {
  to.insert(to.end(), std::move_iterator(from.begin()), std::move_iterator(from.end()));
}

DefinitionPoint entity_point(const StreamSettings& settings) {
  Value value;
  for (const std::string& part : settings.entity) value.text(part);
  if (settings.entity.empty()) value.text("$key");
  return {.name = quoted("entity"), .value = value.take()};
}

DefinitionPoint time_point(const StreamSettings& settings) {
  return {.name = quoted("time"),
          .value = Value()
                       .text(settings.time.field)
                       .number(static_cast<std::uint64_t>(settings.time.unit))
                       .take()};
}

DefinitionPoint feature_point(const FeatureSettings& feature) {
  Value value;
  value.text(feature.field).number(static_cast<std::uint64_t>(feature.test));
  value.real(feature.at_least).number(feature.in.size());
  for (const std::string& scalar : feature.in) value.text(scalar);
  for (const Transform transform : feature.transforms) {
    value.number(static_cast<std::uint64_t>(transform));
  }
  return {.name = "feature " + quoted(feature.name), .value = value.take()};
}

DefinitionPoint groups_point(const StreamSettings& settings) {
  Value value;
  for (const DetectorSettings& detector : settings.detectors) {
    if (detector.scope == Scope::group) value.text(detector.group_by);
  }
  return {.name = "the detectors' `group_by`", .value = value.take()};
}

/// What discovery makes columns of: a field that the configuration uses is none.
Definition discovery_points(const StreamSettings& settings) {
  return {{.name = quoted("features"),
           .value = "discovered " +
                    Value().number(static_cast<std::uint64_t>(settings.features_max)).take()},
          entity_point(settings),
          time_point(settings),
          groups_point(settings)};
}

DefinitionPoint forecast_point(const ForecastSettings& forecast) {
  if (forecast.use == ForecastSettings::Use::off)
    return {.name = quoted("forecast"), .value = "off"};
  Value value;
  value.text(forecast.time_zone);
  for (const std::int64_t day : forecast.holidays) value.number(static_cast<std::uint64_t>(day));
  return {.name = quoted("forecast"), .value = value.take()};
}

/// The values that a detector sees.
Definition sight(const StreamSettings& settings, const DetectorSettings& detector) {
  if (settings.discovers_features()) return discovery_points(settings);
  Definition points;
  Value names;
  const auto see = [&](const FeatureSettings& feature) {
    names.text(feature.name);
    points.push_back(feature_point(feature));
  };
  for (const FeatureSettings& feature : settings.features) {
    if (detector.features.empty()) see(feature);
  }
  for (const std::string& name : detector.features) {
    for (const FeatureSettings& feature : settings.features) {
      if (feature.name == name) see(feature);
    }
  }
  points.insert(points.begin(), {.name = quoted("features"), .value = names.take()});
  points.push_back(entity_point(settings));
  points.push_back(time_point(settings));
  return points;
}

bool sees_several(const StreamSettings& settings, const DetectorSettings& detector) {
  return detector.features.empty() ? settings.dimensions() > 1 : detector.features.size() > 1;
}

/// What the configuration says of the detector itself.
Definition own_settings(const DetectorSettings& detector) {
  Definition points = versioned(detector.kind->version);
  points.push_back({.name = quoted("scope"),
                    .value = std::to_string(static_cast<std::uint64_t>(detector.scope))});
  points.push_back({.name = quoted("group_by"), .value = detector.group_by});
  for (std::size_t i = 0; i < detector.parameters.parameters().size(); ++i) {
    points.push_back({.name = quoted(detector.parameters.parameters()[i].name),
                      .value = Value().real(detector.parameters.values()[i]).take()});
  }
  return points;
}

std::string flat(const Definition& definition) {
  std::string bytes;
  for (const DefinitionPoint& point : definition) {
    append_text(bytes, point.name);
    append_text(bytes, point.value);
  }
  return bytes;
}

std::string hex(std::uint64_t number) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text(16, '0');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = kDigits[number >> (60 - 4 * i) & 0xFU];
  return text;
}

std::uint64_t hash(std::string_view text) { return XXH3_64bits(text.data(), text.size()); }

}  // namespace

Definition definition_of_header() { return versioned(kHeaderVersion); }

Definition definition_of_gap() { return versioned(kGapVersion); }

Definition definition_of_entities(const StreamSettings& settings) {
  Definition points = versioned(kEntitiesVersion);
  points.push_back(entity_point(settings));
  return points;
}

Definition definition_of_detector(const StreamSettings& settings, std::size_t detector) {
  const DetectorSettings& own = settings.detectors[detector];
  Definition points = own_settings(own);
  append(points, sight(settings, own));
  points.push_back({.name = quoted("seed"), .value = std::to_string(settings.seed)});
  return points;
}

Definition definition_of_calibration(const StreamSettings& settings, std::size_t detector) {
  const DetectorSettings& own = settings.detectors[detector];
  const bool is_scaled = own.kind->feature_by_feature && sees_several(settings, own);
  Definition points = versioned(is_scaled ? kScaledCalibrationVersion : kCalibrationVersion);
  points.push_back(
      {.name = "the detector", .value = hash_text(definition_of_detector(settings, detector))});
  if (own.kind->heeds_forecast) {
    points.push_back(forecast_point(settings.forecast));
  }
  return points;
}

Definition definition_of_combination(const StreamSettings& settings) {
  std::vector<std::string> hashes;
  for (std::size_t i = 0; i < settings.detectors.size(); ++i) {
    hashes.push_back(hash_text(definition_of_calibration(settings, i)));
  }
  std::ranges::sort(hashes);
  Value value;
  for (const std::string& each : hashes) value.text(each);
  Definition points = versioned(kCombinationVersion);
  points.push_back({.name = quoted("detectors"), .value = value.take()});
  return points;
}

Definition definition_of_transforms(const StreamSettings& settings, std::size_t feature) {
  Definition points = versioned(kTransformsVersion);
  points.push_back(feature_point(settings.features[feature]));
  points.push_back(entity_point(settings));
  points.push_back(time_point(settings));
  return points;
}

Definition definition_of_forecast(const StreamSettings& settings, std::size_t feature) {
  Definition points = versioned(kForecastVersion);
  points.push_back(forecast_point(settings.forecast));
  if (settings.discovers_features()) {
    append(points, discovery_points(settings));
    return points;
  }
  points.push_back(feature_point(settings.features[feature]));
  points.push_back(entity_point(settings));
  points.push_back(time_point(settings));
  return points;
}

Definition definition_of_discovery(const StreamSettings& settings) {
  Definition points = versioned(kDiscoveryVersion);
  append(points, discovery_points(settings));
  return points;
}

Definition definition_of_policy(const StreamSettings& settings) {
  Definition points = versioned(kPolicyVersion);
  points.push_back(entity_point(settings));
  return points;
}

Definition definition_of_learning(const StreamSettings& settings) {
  Definition points = versioned(kLearningVersion);
  if (settings.discovers_features()) {
    append(points, discovery_points(settings));
    return points;
  }
  // Levels are of a feature by its place.
  Value names;
  for (const FeatureSettings& feature : settings.features) {
    names.text(feature.name);
    points.push_back(feature_point(feature));
  }
  points.push_back({.name = quoted("features"), .value = names.take()});
  points.push_back(entity_point(settings));
  points.push_back(time_point(settings));
  return points;
}

Definition definition_of_alarms(const StreamSettings& settings) {
  Definition points = versioned(kAlarmsVersion);
  points.push_back(entity_point(settings));
  points.push_back(time_point(settings));
  return points;
}

Definition definition_of_news(const StreamSettings& settings) {
  const bool is_scaled = settings.dimensions() > 1;
  Definition points = versioned(is_scaled ? kScaledNewsVersion : kNewsVersion);
  points.push_back(entity_point(settings));
  return points;
}

Definition definition_of_related_alerts(const StreamSettings& settings) {
  Definition points = versioned(kRelatedAlertsVersion);
  points.push_back(entity_point(settings));
  points.push_back(time_point(settings));
  return points;
}

Definition definition_of_incidents(const StreamSettings& settings) {
  Definition points = versioned(kIncidentsVersion);
  points.push_back(entity_point(settings));
  points.push_back(time_point(settings));
  return points;
}

Definition definition_of_input(const StreamSettings& settings) {
  Definition points = versioned(kInputVersion);
  if (settings.discovers_features()) {
    append(points, discovery_points(settings));
  } else {
    points.push_back(time_point(settings));
  }
  return points;
}

std::uint64_t detector_seed(const StreamSettings& settings, std::size_t detector) {
  const DetectorSettings& own = settings.detectors[detector];
  std::string text = flat(own_settings(own));
  append_text(text, own.kind->name);
  for (const std::string& feature : own.features) append_text(text, feature);
  return settings.seed + hash(text);
}

std::string hash_text(std::string_view text) { return hex(hash(text)); }
std::string hash_text(const Definition& definition) { return hash_text(flat(definition)); }

std::string difference(const Definition& before, const Definition& now) {
  std::vector<std::string_view> changed;
  for (const DefinitionPoint& point : now) {
    const auto old = std::ranges::find(before, point.name, &DefinitionPoint::name);
    if (old != before.end() && old->value != point.value) changed.emplace_back(point.name);
  }
  if (changed.empty()) return "its settings are others";
  std::string text;
  for (std::size_t i = 0; i < changed.size(); ++i) {
    if (i > 0) text += i + 1 == changed.size() ? " and " : ", ";
    text += changed[i];
  }
  return text + " changed";
}

}  // namespace tocsin
