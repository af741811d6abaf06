// What a start needs to know of the cluster, and making topics.

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "detectors/result.h"
#include "pipeline/kafka/kafka_health.h"
#include "pipeline/kafka/kafka_settings.h"
#include "pipeline/kafka/topic_partition.h"
#include "pipeline/log/log.h"

namespace tocsin {

struct TopicView {
  std::string name;
  std::int32_t partitions = 0;
  /// Largest batch the broker takes; empty: it did not tell.
  std::optional<std::int64_t> max_message_bytes;
  /// All its settings, by name; empty: the broker did not tell.
  std::map<std::string, std::string, std::less<>> config;
};

/// A cluster as of one moment, as far as was asked.
struct ClusterView {
  int brokers = 0;
  std::vector<TopicView> topics;       ///< By name, without repetition.
  std::vector<std::string> missing;    ///< Names that no topic has.
  std::vector<std::string> unmatched;  ///< Expressions that no topic fits.
  std::string untold;                  ///< Why settings of topics were not told; empty: all were.

  const TopicView* find(std::string_view name) const;
};

struct NewTopic {
  std::string name;
  std::int32_t partitions = 1;
  std::int16_t replication = -1;  ///< -1: the broker's default.
  std::vector<std::pair<std::string, std::string>> config;
};

/// What became of making or widening a topic.
enum class TopicChange : std::uint8_t {
  done,
  try_again,    ///< Nobody answered, or not now.
  refused,      ///< Somebody has to do it who may, or otherwise.
  unsupported,  ///< The broker cannot make topics: librdkafka's mock cluster, or a very old one.
};

struct TopicChanged {
  TopicChange change = TopicChange::done;
  std::string reason;  ///< Empty when done.
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

  TopicChanged make_topic(const NewTopic& topic, std::chrono::milliseconds patience);
  /// `partitions`: that the topic shall have then.
  TopicChanged widen_topic(const std::string& name, std::int32_t partitions,
                           std::chrono::milliseconds patience);

  /// [partitions] First offset, and one past the last, open transactions counted in. They exist.
  Result<std::vector<Watermarks>> watermarks(std::span<const TopicPartition> partitions,
                                             std::chrono::milliseconds patience);
  /// Deletes every record that there is now. An error names the first partition where that was
  /// refused; others may have been emptied.
  Result<void> delete_records(std::span<const TopicPartition> partitions,
                              std::chrono::milliseconds patience);

  /// Makes a topic and waits until it can be used; one that exists is left as it is.
  Result<void> create(const NewTopic& topic, std::chrono::milliseconds patience);

 private:
  struct Inside;
  explicit KafkaAdmin(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

}  // namespace tocsin
