#include <array>
#include <string>
#include <string_view>

#include "daemon/config/assembly.h"
#include "daemon/config/sensitivity.h"
#include "daemon/config/text_format.h"

namespace tocsin {
namespace {

constexpr double kSecondsPerDay = 86'400;

/// A rate that was said makes incidents a day one probability.
Sensitivity at_said_rate(const Value& value, const Section& section, Findings& findings) {
  const double probability =
      section.number("incidents_per_day") / (section.number("events_per_second") * kSecondsPerDay);
  const Field& field = *find_field(find_field(config_fields(), "streams")->fields, "sensitivity");
  if (!(probability >= field.min && probability <= field.max)) {
    findings.error({value.place, value.path,
                    "comes to a probability per event of " + format_value(field, probability) +
                        ", but it must be from " + format_value(field, field.min) + " to " +
                        format_value(field, field.max),
                    std::string(field.help)});
  }
  return Sensitivity::per_event(probability);
}

/// Whether two that exclude each other are there; the later one is reported.
bool contradicts(const Section& section, std::string_view one, std::string_view other,
                 Findings& findings) {
  const Value* first = section.find(one);
  const Value* second = section.find(other);
  if (first == nullptr || second == nullptr) return false;
  if (second->key_place < first->key_place) std::swap(first, second);
  findings.error({second->key_place, second->path, "contradicts `" + std::string(first->name) + "`",
                  "Remove one of them."});
  return true;
}

Sensitivity assemble_section(const Value& value, const Section& section, Findings& findings) {
  bool is_wrong = false;
  for (const std::string_view other : {"incidents_per_day", "partitions", "events_per_second"})
    is_wrong = contradicts(section, "contamination", other, findings) || is_wrong;
  is_wrong = contradicts(section, "partitions", "events_per_second", findings) || is_wrong;
  if (is_wrong) return {};
  if (section.mentions("contamination"))
    return Sensitivity::per_event(section.number("contamination"));
  if (!section.mentions("incidents_per_day")) {
    findings.error({value.place, section.path("incidents_per_day"), "is missing",
                    "For instance `incidents_per_day: 5`, or `contamination: 0.001` alone."});
    return {};
  }
  if (section.find("events_per_second") != nullptr) return at_said_rate(value, section, findings);
  return {.unit = Sensitivity::Unit::stream_day,
          .value = section.number("incidents_per_day"),
          .partitions = static_cast<int>(section.integer("partitions"))};
}

}  // namespace

Sensitivity simple_sensitivity(const Section& section) {
  const Scalar scalar = section.scalar("sensitivity");
  if (!scalar.word) return Sensitivity::per_event(scalar.number);
  return {.unit = Sensitivity::Unit::entity_day, .value = kSensitivityIncidents.at(*scalar.word)};
}

Sensitivity assemble_sensitivity(const Section& stream, Findings& findings) {
  const Value* value = stream.find("sensitivity");
  if (value == nullptr || value->kind != Value::Kind::section) return simple_sensitivity(stream);
  return assemble_section(*value, stream.section("sensitivity"), findings);
}

std::vector<EntityRule> assemble_entity_rules(const Section& stream) {
  std::vector<EntityRule> rules;
  const std::span<const Field> fields =
      find_field(find_field(config_fields(), "streams")->fields, "entities")->fields;
  for (const Value* value : stream.items("entities")) {
    const Section section(value, fields);
    rules.push_back({.match = section.text("match"), .sensitivity = simple_sensitivity(section)});
  }
  return rules;
}

}  // namespace tocsin
