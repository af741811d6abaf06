// What a start needs to know of the cluster, and making topics.

#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "detectors/result.h"
#include "pipeline/kafka/kafka_health.h"
#include "pipeline/kafka/kafka_settings.h"

namespace tocsin {

struct TopicView {
  std::string name;
  std::int32_t partitions = 0;
  /// Largest batch the broker takes; empty: it did not tell.
  std::optional<std::int64_t> max_message_bytes;
};

/// A cluster as of one moment, as far as was asked.
struct ClusterView {
  int brokers = 0;
  std::vector<TopicView> topics;       ///< By name, without repetition.
  std::vector<std::string> missing;    ///< Names that no topic has.
  std::vector<std::string> unmatched;  ///< Expressions that no topic fits.

  const TopicView* find(std::string_view name) const;
};

struct NewTopic {
  std::string name;
  std::int32_t partitions = 1;
  std::int16_t replication = -1;  ///< -1: the broker's default.
  std::vector<std::pair<std::string, std::string>> config;
};

/// Threads: one.
class KafkaAdmin {
 public:
  /// `health` outlives it. Brokers need not be reachable yet.
  static Result<std::unique_ptr<KafkaAdmin>> make(const KafkaSettings& settings, KafkaLog log,
                                                  KafkaHealth& health);
  ~KafkaAdmin();
  KafkaAdmin(const KafkaAdmin&) = delete;
  KafkaAdmin& operator=(const KafkaAdmin&) = delete;

  /// Looks for topics by name, or by expression when one begins with `^`; expressions do not match
  /// `settings.never_read` and Kafka's own topics. An error says that nobody answered within
  /// `patience`, and why not.
  Result<ClusterView> look(std::span<const std::string> topics, std::chrono::milliseconds patience);

  /// Makes a topic; one that exists is left as it is.
  Result<void> create(const NewTopic& topic, std::chrono::milliseconds patience);

 private:
  struct Inside;
  explicit KafkaAdmin(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

}  // namespace tocsin
