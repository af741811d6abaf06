// The whole configuration, as plain values: composed of the settings that live beside the code
// they configure.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "daemon/config/diagnostic.h"
#include "pipeline/flow/flow_settings.h"
#include "pipeline/kafka/kafka_settings.h"
#include "pipeline/settings.h"

namespace tocsin {

/// What memory is set aside for.
struct MemorySettings {
  std::size_t max_bytes = 1U << 30U;         ///< All of the process; what does not fit is refused.
  std::size_t partition_bytes = 64U << 20U;  ///< Entities of one partition.
  int partitions = 4;                        ///< Expected at a time in this process.
};

struct HttpSettings {
  std::string host = "127.0.0.1";
  int port = 8001;  ///< 0: any free one.
};

enum class LogLevel : std::uint8_t { debug, info, warning, error };
/// `automatic`: text on a terminal, JSON elsewhere.
enum class LogFormat : std::uint8_t { automatic, text, json };

struct LogSettings {
  LogLevel level = LogLevel::info;
  LogFormat format = LogFormat::automatic;
};

/// A configuration that has been compiled: nothing in it needs to be checked again.
struct Config {
  std::string app;
  /// `topics` and `never_read` are filled in; `instance` and `lane` are the process's own.
  KafkaSettings kafka;
  /// Names of properties whose value came by `${file:…}`: it may be a secret, whatever the name.
  std::vector<std::string> properties_from_files;
  std::vector<StreamSettings> streams;
  OutputSettings outputs;
  FlowSettings flow;  ///< `workers` 0: as many as the machine suggests.
  std::int64_t snapshot_interval_ms = 60'000;
  std::int64_t topic_wait_ms = 30'000;  ///< For topics that are not there at the start.
  MemorySettings memory;
  HttpSettings http;
  LogSettings log;

  /// 16 hex digits over everything that can change a result. Where Kafka is, threads, memory as a
  /// whole, HTTP, logs and names of output topics cannot.
  std::string hash;
  std::vector<Diagnostic> warnings;
  /// Where the file says how much memory there is, without words: for what is known only when
  /// streams have become plans.
  Diagnostic memory_place;
};

/// The configuration with every default written out, as YAML that compiles to the same; secrets
/// and properties that came from files are `<redacted>`.
std::string effective_yaml(const Config& config);

}  // namespace tocsin
