#include "daemon/config/effective.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string_view>
#include <vector>

#include "daemon/config/fields.h"
#include "daemon/config/quantity.h"
#include "daemon/config/quoted_text.h"
#include "daemon/config/sensitivity.h"
#include "daemon/config/source_text.h"
#include "daemon/config/stream_fields.h"

namespace tocsin {
namespace {

std::span<const Field> fields_of(std::string_view section) {
  return find_field(config_fields(), section)->fields;
}

/// The word of an enumeration: the table's words are in its order.
template <class Word>
std::string_view word(std::span<const Field> fields, std::string_view field, Word value) {
  return find_field(fields, field)->words[static_cast<std::size_t>(value)];
}

/// Text in quotes; a dollar sign doubled, so that it is not looked up again.
std::string literal(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    escaped += c;
    if (c == '$') escaped += c;
  }
  return quoted(escaped);
}

std::string literals(const std::vector<std::string>& texts) {
  std::string result;
  for (const std::string& text : texts) result += (result.empty() ? "" : ", ") + literal(text);
  return "[" + result + "]";
}

/// A scalar of a test, as settings have it: bare, or a text in JSON's quotes.
std::string test_literal(const std::string& scalar) {
  std::string escaped;
  for (const char c : scalar) escaped += c == '$' ? "$$" : std::string(1, c);
  return escaped;
}

std::string milliseconds(std::int64_t value) { return format_duration(static_cast<double>(value)); }
std::string bytes(std::size_t value) { return format_size(static_cast<double>(value)); }

void append_limits(std::string& out, const FeatureSettings::Limits& limits) {
  if (limits.direction != Direction::both) {
    out += fmt::format("        direction: {}\n",
                       kDirections[static_cast<std::size_t>(limits.direction)]);
  }
  if (limits.min_change != 0) {
    out += fmt::format("        min_change: {}\n", format_number(limits.min_change));
  }
  if (limits.ignore_below) {
    out += fmt::format("        ignore_below: {}\n", format_number(*limits.ignore_below));
  }
}

std::string sensitivity(const Sensitivity& wanted) {
  switch (wanted.unit) {
    case Sensitivity::Unit::probability:
      break;
    case Sensitivity::Unit::entity_day: {
      const auto found = std::ranges::find(kSensitivityIncidents, wanted.value);
      return std::string(
          kSensitivities.at(static_cast<std::size_t>(found - kSensitivityIncidents.begin())));
    }
    case Sensitivity::Unit::stream_day:
      return fmt::format("{{incidents_per_day: {}, partitions: {}}}", format_number(wanted.value),
                         wanted.partitions);
  }
  return format_number(wanted.value);
}

void append_feature(std::string& out, const FeatureSettings& feature) {
  const auto fields = find_field(fields_of("streams"), "features")->fields;
  out += fmt::format("      - name: {}\n", literal(feature.name));
  if (!feature.field.empty()) out += fmt::format("        field: {}\n", literal(feature.field));
  if (feature.test == FeatureTest::at_least) {
    out += fmt::format("        at_least: {}\n", format_number(feature.at_least));
  }
  if (feature.test == FeatureTest::in) {
    out += "        in:\n";
    for (const std::string& scalar : feature.in) {
      out += fmt::format("          - {}\n", test_literal(scalar));
    }
  }
  append_limits(out, feature.limits);
  if (feature.sensitivity) {
    out += fmt::format("        sensitivity: {}\n", sensitivity(*feature.sensitivity));
  }
  if (feature.transforms.empty()) return;
  std::string words;
  for (const Transform transform : feature.transforms) {
    words += words.empty() ? "" : ", ";
    words += word(fields, "transform", transform);
  }
  out += fmt::format("        transform: [{}]\n", words);
}

void append_detector(std::string& out, const DetectorSettings& detector) {
  const DetectorFields table(*detector.kind);
  out += fmt::format("      - type: {}\n        scope: {}\n", detector.kind->name,
                     name_of(detector.scope));
  if (detector.scope == Scope::group) {
    out += fmt::format("        group_by: {}\n", literal(detector.group_by));
  }
  if (!detector.features.empty()) {
    out += fmt::format("        features: {}\n", literals(detector.features));
  }
  for (std::size_t i = 0; i < detector.kind->parameters.size(); ++i) {
    const Parameter& parameter = detector.kind->parameters[i];
    const double value = detector.parameters.values()[i];
    out += fmt::format("        {}: {}\n", parameter.name,
                       parameter.choices.empty()
                           ? format_number(value)
                           : std::string(parameter.choices[static_cast<std::size_t>(value)]));
  }
}

void append_forecast(std::string& out, const ForecastSettings& forecast) {
  out += fmt::format("    forecast:\n      enabled: {}\n      time_zone: {}\n",
                     forecast.use == ForecastSettings::Use::on, literal(forecast.time_zone));
  if (forecast.holidays.empty()) return;
  std::vector<std::string> days;
  for (const std::int64_t day : forecast.holidays) days.push_back(format_day(day));
  out += fmt::format("      holidays: {}\n", literals(days));
}

void append_learning(std::string& out, const LearningSettings& learning) {
  out += fmt::format(
      "    learning:\n      adopt_after_events: {}\n      adopt_after: {}\n      adopt_at_most: "
      "{}\n",
      learning.adopt_after_events, milliseconds(learning.adopt_after_ms),
      milliseconds(learning.adopt_at_most_ms));
}

void append_stream(std::string& out, const StreamSettings& stream) {
  const auto fields = fields_of("streams");
  out += fmt::format("  - name: {}\n    topics: {}\n    format: json\n    entity: {}\n",
                     literal(stream.name), literals(stream.topics),
                     stream.entity.empty() ? "$key" : literals(stream.entity));
  if (!stream.time.field.empty()) {
    out += fmt::format("    time:\n      field: {}\n      unit: {}\n", literal(stream.time.field),
                       word(find_field(fields, "time")->fields, "unit", stream.time.unit));
  }
  if (stream.discovers_features()) {
    out += fmt::format("    features_max: {}\n", stream.features_max);
  } else {
    out += "    features:\n";
    for (const FeatureSettings& feature : stream.features) append_feature(out, feature);
  }
  out += "    detectors:\n";
  for (const DetectorSettings& detector : stream.detectors) append_detector(out, detector);
  append_forecast(out, stream.forecast);
  append_learning(out, stream.learning);
  out += fmt::format("    sensitivity: {}\n    far_future: {}\n    record_max_bytes: {}\n",
                     sensitivity(stream.sensitivity), milliseconds(stream.far_future_ms),
                     bytes(stream.record_max_bytes));
  if (!stream.entity_rules.empty()) out += "    entities:\n";
  for (const EntityRule& rule : stream.entity_rules) {
    out += fmt::format("      - match: {}\n        sensitivity: {}\n", literal(rule.match),
                       sensitivity(rule.sensitivity));
  }
  out += fmt::format("    seed: {}\n", stream.seed);
}

void append_kafka(std::string& out, const Config& config) {
  out += fmt::format("kafka:\n  brokers: {}\n", literals(config.kafka.brokers));
  if (!config.kafka.properties.empty()) {
    out += "  properties:\n";
    for (const auto& [name, value] : config.kafka.properties) {
      const bool is_hidden =
          is_secret_name(name) || std::ranges::count(config.properties_from_files, name) > 0;
      out += fmt::format("    {}: {}\n", name, is_hidden ? "<redacted>" : literal(value));
    }
  }
  out += fmt::format("  topic_wait: {}\n", milliseconds(config.topic_wait_ms));
  if (config.kafka.delivery == Delivery::at_least_once) return;
  out +=
      fmt::format("  transaction_timeout: {}\n", milliseconds(config.kafka.transaction_timeout_ms));
}

}  // namespace

void append_streams(std::string& out, const Config& config) {
  out += "streams:\n";
  for (const StreamSettings& stream : config.streams) append_stream(out, stream);
}

void append_outputs(std::string& out, const OutputSettings& outputs) {
  const auto scores = find_field(fields_of("outputs"), "scores")->fields;
  const auto to = std::back_inserter(out);
  fmt::format_to(to, "outputs:\n  scores:\n    topic: {}\n    emit: {}\n",
                 literal(outputs.scores.topic), word(scores, "emit", outputs.emit));
  if (outputs.emit == Emit::sampled) {
    fmt::format_to(to, "    sample_share: {}\n", format_number(outputs.sample_share));
  }
  fmt::format_to(to, "    detail: {}\n    include_event: {}\n",
                 word(scores, "detail", outputs.detail), outputs.include_event);
  const auto kind = [&](const TopicSettings& topic) {
    fmt::format_to(to, "    encoding: {}\n    cloudevents: {}\n",
                   word(scores, "encoding", topic.encoding),
                   word(scores, "cloudevents", topic.cloudevents));
  };
  kind(outputs.scores);
  fmt::format_to(to, "  alerts:\n    topic: {}\n", literal(outputs.alerts.topic));
  kind(outputs.alerts);
  fmt::format_to(to, "  dead_letters:\n    topic: {}\n", literal(outputs.dead_letters));
}

std::string effective_yaml(const Config& config) {
  std::string out = fmt::format("# configuration {}\napp: {}\n", config.hash, literal(config.app));
  append_kafka(out, config);
  append_streams(out, config);
  append_outputs(out, config.outputs);
  const auto to = std::back_inserter(out);
  fmt::format_to(to, "pipeline:\n  workers: {}\n  epoch: {}\n",
                 config.flow.workers == 0 ? "auto" : std::to_string(config.flow.workers),
                 milliseconds(config.flow.epoch_ms));
  fmt::format_to(to, "  epoch_bytes: {}\n  drain_timeout: {}\n", bytes(config.flow.epoch_bytes_max),
                 milliseconds(config.flow.drain_timeout_ms));
  const int replication = config.kafka.state_replication;
  fmt::format_to(to, "state:\n  snapshot_interval: {}\n  on_gap: {}\n  topic_replication: {}\n",
                 milliseconds(config.snapshot_interval_ms),
                 word(find_field(config_fields(), "state")->fields, "on_gap", config.flow.on_gap),
                 replication < 0 ? "auto" : std::to_string(replication));
  fmt::format_to(to, "memory:\n  max_bytes: {}\n  partition_bytes: {}\n  partitions: {}\n",
                 bytes(config.memory.max_bytes), bytes(config.memory.partition_bytes),
                 config.memory.partitions);
  fmt::format_to(to, "delivery: {}\n", word(config_fields(), "delivery", config.kafka.delivery));
  const bool bracketed = config.http.host.find(':') != std::string::npos;
  fmt::format_to(to, "http:\n  listen: \"{}{}{}:{}\"\n", bracketed ? "[" : "", config.http.host,
                 bracketed ? "]" : "", config.http.port);
  fmt::format_to(to, "log:\n  level: {}\n  format: {}\n",
                 word(fields_of("log"), "level", config.log.level),
                 word(fields_of("log"), "format", config.log.format));
  return out;
}

}  // namespace tocsin
