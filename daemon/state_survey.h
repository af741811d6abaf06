// What Kafka holds of a configuration's state, partition by partition.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/config/config.h"
#include "detectors/result.h"
#include "pipeline/kafka/kafka_admin.h"
#include "pipeline/kafka/kafka_group.h"
#include "pipeline/kafka/kafka_health.h"
#include "pipeline/kafka/kafka_scan.h"
#include "pipeline/kafka/topic_partition.h"

namespace tocsin {

/// Which partitions a command is about; empty: all.
struct SurveySelection {
  std::string stream;
  std::optional<std::int32_t> partition;
};

/// A partition of an input topic, and what its group and its state topic hold of it.
struct SurveyedPartition {
  std::size_t stream = 0;
  TopicPartition input;
  TopicPartition state;
  bool has_state = false;  ///< The state topic has this partition.
  std::optional<CommittedOffset> committed;
  Watermarks input_marks;
  Watermarks state_marks;  ///< Both count open transactions in.

  std::string name() const { return input.topic + "/" + std::to_string(input.partition); }
};

/// Reads; only what `admin` and `group` are asked for by others changes anything.
///
/// Threads: one. Every question waits for the brokers, for some seconds at most.
class StateSurvey {
 public:
  static constexpr std::chrono::milliseconds kPatience{20'000};

  /// `config` outlives it. Brokers need not be reachable yet.
  static Result<std::unique_ptr<StateSurvey>> begin(const Config& config);

  /// The partitions of the streams' topics, in order. Fails where the selection means none, a
  /// topic does not exist, or the brokers do not answer.
  Result<std::vector<SurveyedPartition>> look(const SurveySelection& selection);
  /// Asks for what may have changed since.
  Result<void> look_again(std::vector<SurveyedPartition>& partitions);

  KafkaAdmin& admin() { return *admin_; }
  KafkaGroup& group() { return *group_; }
  KafkaScan& scan() { return *scan_; }

 private:
  explicit StateSurvey(const Config& config) : config_(config) {}
  std::vector<SurveyedPartition> selected(const ClusterView& cluster,
                                          const SurveySelection& selection) const;
  Result<void> find_states(std::vector<SurveyedPartition>& partitions);

  const Config& config_;
  KafkaHealth health_;
  std::unique_ptr<KafkaAdmin> admin_;
  std::unique_ptr<KafkaGroup> group_;
  std::unique_ptr<KafkaScan> scan_;
};

/// The words of a stream's name that no stream has: which there are.
std::string no_such_stream(const Config& config, const std::string& name);

}  // namespace tocsin
