#include <array>
#include <cstddef>
#include <string>

#include "daemon/config/assembly.h"
#include "daemon/config/text_format.h"

namespace tocsin {
namespace {

constexpr std::string_view kKey = "$key";

TimeSettings assemble_time(const Section& stream) {
  if (stream.find("time") == nullptr) return {};
  const Section time = stream.section("time");
  return {.field = pointer_of(time.text("field")),
          .unit = static_cast<TimeUnit>(time.word("unit"))};
}

ForecastSettings assemble_forecast(const Section& stream, Findings& findings) {
  ForecastSettings settings;
  if (stream.find("forecast") == nullptr) return settings;
  const Section section = stream.section("forecast");
  if (section.mentions("enabled")) {
    settings.use = section.flag("enabled") ? ForecastSettings::Use::on : ForecastSettings::Use::off;
  }
  if (const Value* value = section.find("time_zone"); value != nullptr) {
    settings.time_zone = section.text("time_zone");
    const auto zone = TimeZone::parse(settings.time_zone);
    if (zone) {
      settings.zone = *zone;
    } else {
      findings.error({value->place, value->path, zone.error().message, ""});
    }
  }
  for (const Value* item : section.items("holidays")) {
    const auto day = parse_day(item->scalar.text);
    if (day) {
      settings.holidays.push_back(*day);
    } else {
      findings.error({item->place, item->path, day.error().message, ""});
    }
  }
  // What is the same calendar is the same definition, however it is written.
  std::ranges::sort(settings.holidays);
  const auto repeated = std::ranges::unique(settings.holidays);
  settings.holidays.erase(repeated.begin(), repeated.end());
  return settings;
}

/// The forecast may not be switched off where a detector judges by it, and its calendar says
/// nothing where nobody asked for a forecast.
void check_forecast(const Section& stream, const StreamSettings& settings, Findings& findings) {
  if (settings.forecast.use == ForecastSettings::Use::on) return;
  const Section forecast = stream.section("forecast");
  for (const char* name : {"time_zone", "holidays"}) {
    const Value* value = forecast.find(name);
    if (value == nullptr || forecast.mentions("enabled")) continue;
    findings.error({value->key_place, value->path,
                    "has no meaning: with these detectors features are not forecast",
                    "Add `enabled: true`, or the detector `forecast`."});
  }
  if (!settings.needs_forecast()) return;
  const Value* value = forecast.find("enabled");
  findings.error({value->place, value->path,
                  "is false, but the detector `forecast` judges by the forecast",
                  "Remove one of them."});
}

LearningSettings assemble_learning(const Section& stream, Findings& findings) {
  const Section section = stream.section("learning");
  const LearningSettings settings{.adopt_after_events = section.integer("adopt_after_events"),
                                  .adopt_after_ms = section.integer("adopt_after"),
                                  .adopt_at_most_ms = section.integer("adopt_at_most")};
  if (settings.adopt_at_most_ms >= settings.adopt_after_ms) return settings;
  const Value* most = section.find("adopt_at_most");
  const Value* value = most != nullptr ? most : section.find("adopt_after");
  findings.error(
      {value->place, value->path,
       most != nullptr ? "is shorter than `adopt_after`" : "is longer than `adopt_at_most`",
       "Nothing is adopted later than `adopt_at_most`, so it is the longer one."});
  return settings;
}

std::vector<std::string> assemble_entity(const Section& stream, Findings& findings) {
  std::vector<std::string> entity;
  bool is_key = !stream.mentions("entity");
  for (const Value* item : stream.items("entity")) {
    const std::string& part = item->scalar.text;
    for (const std::string& other : entity) {
      if (other != part) continue;
      findings.error({item->place, item->path, "`" + part + "` is part of the entity already", ""});
    }
    entity.push_back(part);
    is_key = is_key || part == kKey;
  }
  if (const Value* value = stream.find("entity"); value != nullptr && !is_key) {
    findings.warning(
        {value->key_place, value->path,
         "is not the record's key, so one entity's records may be in several partitions, each of "
         "which then learns a part of it",
         "This is harmless where the producers partition by these fields; else key the records "
         "by them."});
  }
  return is_key && entity.size() <= 1 ? std::vector<std::string>{} : entity;
}

/// A stream is called like its first topic, where that is a name.
std::string assemble_name(const Value& value, const Section& stream, Findings& findings) {
  if (stream.mentions("name")) return stream.text("name");
  const auto topics = stream.items("topics");
  if (topics.empty()) return {};
  const std::string& first = topics.front()->scalar.text;
  if (first.starts_with('^')) {
    findings.error({value.place, stream.path("name"),
                    "is missing, and the first topic is an expression, which is no name",
                    "For instance `name: metrics`."});
  }
  return first;
}

}  // namespace

StreamSettings assemble_stream(const Value& value, const MemorySettings& memory,
                               Findings& findings) {
  const Section stream(&value, find_field(config_fields(), "streams")->fields);
  StreamSettings settings{.name = assemble_name(value, stream, findings),
                          .topics = stream.texts("topics"),
                          .entity = assemble_entity(stream, findings),
                          .time = assemble_time(stream),
                          .features = assemble_features(stream, findings),
                          .features_max = static_cast<int>(stream.integer("features_max"))};
  settings.learning = assemble_learning(stream, findings);
  settings.sensitivity = assemble_sensitivity(stream, findings);
  settings.entity_rules = assemble_entity_rules(stream);
  settings.far_future_ms = stream.integer("far_future");
  settings.record_max_bytes = stream.size("record_max_bytes");
  settings.partition_max_bytes = memory.partition_bytes;
  settings.seed = static_cast<std::uint64_t>(stream.integer("seed"));
  settings.forecast = assemble_forecast(stream, findings);
  settings.detectors = assemble_detectors(stream, settings, findings);
  settings.decide_on_forecast(!stream.mentions("detectors"));
  check_forecast(stream, settings, findings);
  if (const Value* most = stream.find("features_max"); most && stream.mentions("features")) {
    findings.error({most->key_place, most->path,
                    "contradicts `features`: only features that are discovered have a maximum",
                    "Remove one of them."});
  }
  return settings;
}

}  // namespace tocsin
