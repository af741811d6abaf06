#include "daemon/config/assembly.h"

#include <fmt/format.h>

#include <optional>
#include <string>

#include "daemon/config/quantity.h"
#include "daemon/config/text_format.h"

namespace tocsin {
namespace {

MemorySettings assemble_memory(const Section& root, Findings& findings) {
  const Section memory = root.section("memory");
  MemorySettings settings{.max_bytes = memory.size("max_bytes"),
                          .partition_bytes = memory.size("partition_bytes"),
                          .partitions = static_cast<int>(memory.integer("partitions"))};
  if (settings.partition_bytes <= settings.max_bytes) return settings;
  const Value* value = memory.find("partition_bytes");
  if (value == nullptr) value = memory.find("max_bytes");
  findings.error({value->place, value->path,
                  fmt::format("one partition may need {}, but the whole process only {}",
                              format_size(static_cast<double>(settings.partition_bytes)),
                              format_size(static_cast<double>(settings.max_bytes))),
                  "Lower `memory.partition_bytes` or raise `memory.max_bytes`."});
  return settings;
}

OutputSettings assemble_outputs(const Section& root, const std::string& app, Findings& findings) {
  const Section outputs = root.section("outputs");
  const auto topic = [&](const Section& output, const char* ending) {
    return output.find("topic") != nullptr ? output.text("topic") : app + ending;
  };
  const auto kind = [&](const Section& output, const char* ending) {
    if (output.find("encoding") && output.find("cloudevents") &&
        output.text("encoding") == "protobuf" && output.text("cloudevents") == "structured") {
      findings.error({output.find("cloudevents")->place, output.path("cloudevents"),
                      "is `structured`, which is JSON, but `encoding` is `protobuf`",
                      "Use `cloudevents: binary`."});
    }
    return TopicSettings{.topic = topic(output, ending),
                         .encoding = static_cast<Encoding>(output.word("encoding")),
                         .cloudevents = static_cast<CloudEvents>(output.word("cloudevents"))};
  };
  const Section scores = outputs.section("scores");
  OutputSettings settings{.scores = kind(scores, "-scores"),
                          .emit = static_cast<Emit>(scores.word("emit")),
                          .sample_share = scores.number("sample_share"),
                          .detail = static_cast<Detail>(scores.word("detail")),
                          .include_event = scores.flag("include_event"),
                          .alerts = kind(outputs.section("alerts"), "-alerts"),
                          .dead_letters = topic(outputs.section("dead_letters"), "-dead-letters")};
  const Value* share = scores.find("sample_share");
  const bool emit_is_wrong = scores.mentions("emit") && scores.find("emit") == nullptr;
  if (share != nullptr && settings.emit != Emit::sampled && !emit_is_wrong) {
    findings.error({share->key_place, share->path,
                    fmt::format("has no meaning with `emit: {}`", scores.text("emit")),
                    "Remove it, or set `emit: sampled`."});
  }
  return settings;
}

FlowSettings assemble_flow(const Section& root) {
  const Section pipeline = root.section("pipeline");
  const Scalar workers = pipeline.scalar("workers");
  FlowSettings settings;
  settings.workers = workers.word ? 0 : static_cast<int>(workers.number);
  settings.epoch_ms = pipeline.integer("epoch");
  settings.epoch_bytes_max = pipeline.size("epoch_bytes");
  settings.drain_timeout_ms = pipeline.integer("drain_timeout");
  return settings;
}

void check_transactions(const Section& root, const KafkaSettings& settings, std::int64_t epoch_ms,
                        Findings& findings) {
  const Section kafka = root.section("kafka");
  const Value* timeout = kafka.find("transaction_timeout");
  const Value* epoch = root.section("pipeline").find("epoch");
  if (settings.delivery == Delivery::at_least_once) {
    if (timeout == nullptr) return;
    findings.error({timeout->key_place, timeout->path,
                    "contradicts `delivery: at_least_once`, which has no transactions",
                    "Remove one of them."});
    return;
  }
  if (epoch_ms * 2 > settings.transaction_timeout_ms) {
    const Value* value = epoch != nullptr ? epoch : timeout;
    findings.error({value->place, value->path,
                    fmt::format("an epoch of {} leaves a transaction of at most {} too little time",
                                format_duration(static_cast<double>(epoch_ms)),
                                format_duration(settings.transaction_timeout_ms)),
                    "`kafka.transaction_timeout` must be at least twice `pipeline.epoch`."});
  }
}

KafkaSettings assemble_kafka(const Section& root, const std::string& app) {
  const Section kafka = root.section("kafka");
  KafkaSettings settings{.app = app};
  for (const std::string& text : kafka.texts("brokers")) {
    for (const std::string_view broker : brokers_in(text)) settings.brokers.emplace_back(broker);
  }
  if (const Value* properties = kafka.find("properties")) {
    for (const Value& property : properties->parts) {
      settings.properties.emplace_back(property.name, property.scalar.text);
    }
  }
  settings.delivery = static_cast<Delivery>(root.word("delivery"));
  settings.transaction_timeout_ms = static_cast<int>(kafka.integer("transaction_timeout"));
  const Scalar replication = root.section("state").scalar("topic_replication");
  if (!replication.word) {
    settings.state_replication = static_cast<std::int16_t>(replication.number);
  }
  return settings;
}

std::vector<std::string> assemble_properties_from_files(const Section& root) {
  std::vector<std::string> names;
  const Value* properties = root.section("kafka").find("properties");
  if (properties == nullptr) return names;
  for (const Value& property : properties->parts)
    if (property.scalar.from_file) names.push_back(property.name);
  return names;
}

HttpSettings assemble_http(const Section& root) {
  const auto address = parse_address(root.section("http").text("listen"));
  if (!address) return {};
  return {.host = address->host, .port = address->port};
}

LogSettings assemble_log(const Section& root) {
  const Section log = root.section("log");
  return {.level = static_cast<LogLevel>(log.word("level")),
          .format = static_cast<LogFormat>(log.word("format"))};
}

}  // namespace

Config assemble(const Value& value, Findings& findings) {
  const Section root(&value, config_fields());
  Config config;
  config.app = root.text("app");
  config.kafka = assemble_kafka(root, config.app);
  config.properties_from_files = assemble_properties_from_files(root);
  config.topic_wait_ms = root.section("kafka").integer("topic_wait");
  config.memory = assemble_memory(root, findings);
  for (const Value* stream : root.items("streams")) {
    config.streams.push_back(assemble_stream(*stream, config.memory, findings));
  }
  config.outputs = assemble_outputs(root, config.app, findings);
  config.flow = assemble_flow(root);
  config.snapshot_interval_ms = root.section("state").integer("snapshot_interval");
  config.flow.on_gap = static_cast<OnGap>(root.section("state").word("on_gap"));
  config.http = assemble_http(root);
  config.log = assemble_log(root);
  check_transactions(root, config.kafka, config.flow.epoch_ms, findings);
  return config;
}

}  // namespace tocsin
