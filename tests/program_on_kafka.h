// What tests of the program's commands on a real Kafka begin with.

#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/kafka/kafka_admin.h"
#include "pipeline/kafka/kafka_settings.h"
#include "tests/process.h"
#include "tests/scratch.h"

namespace tocsin {

/// A record as it lies in Kafka.
struct KeptRecord {
  std::int32_t partition = 0;
  std::int64_t offset = 0;         ///< As read.
  std::int64_t timestamp_ms = -1;  ///< As read.
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::string>> headers;

  /// Of the first header with this name; empty: there is none.
  std::string header(std::string_view name) const;
};

/// All that a file holds.
std::string file_text(const std::string& path);
void write_file(const std::string& path, const std::string& text);

/// An application of its own for each test, with the input topic `input` of two partitions.
class ProgramOnKafka : public testing::Test {
 protected:
  static constexpr std::int32_t kPartitions = 2;

  void SetUp() override;

  void create(const std::string& topic, std::int32_t partitions = kPartitions);
  /// In one transaction.
  void produce(const std::string& topic, const std::vector<KeptRecord>& records);
  /// Events `first` to `first + count - 1` of three entities, spread over the partitions. Values
  /// depend on the number alone.
  void produce_events(int first, int count);
  /// All that is committed, partition by partition.
  std::vector<KeptRecord> read(const std::string& topic);
  /// Reads until there are so many records, for at most two minutes.
  std::vector<KeptRecord> await(const std::string& topic, std::size_t count);

  Process::Ended run(std::vector<std::string> arguments) const;
  /// The daemon, until the scores of all `scores` records are written and it was told to end.
  void run_daemon_until(std::size_t scores, std::vector<std::string> more_arguments = {});

  std::string scores() const { return app + "-scores"; }
  std::string dead_letters() const { return app + "-dead-letters"; }
  std::string state_topic() const { return app + "-state-" + input; }

  Scratch scratch;
  std::string brokers, app, input;
  std::string config;  ///< Path of the configuration.
  KafkaSettings settings;
  KafkaHealth health;
  std::unique_ptr<KafkaAdmin> admin;
};

}  // namespace tocsin
