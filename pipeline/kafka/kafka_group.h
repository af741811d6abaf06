// A consumer group from outside: what it has committed, who is in it, and where it could begin.

#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "detectors/result.h"
#include "pipeline/kafka/asked.h"
#include "pipeline/kafka/kafka_health.h"
#include "pipeline/kafka/kafka_settings.h"
#include "pipeline/kafka/topic_partition.h"
#include "pipeline/log/log.h"

namespace tocsin {

/// A place in every partition, as an operator says it.
struct StartPoint {
  enum class Kind : std::uint8_t {
    earliest,  ///< The first record there is.
    latest,    ///< What comes from now on, what open transactions hold included.
    time,      ///< The first record with this timestamp or a later one; `latest` if none has.
  };
  Kind kind = Kind::earliest;
  std::int64_t time_ms = 0;  ///< Since 1970; of `time` only.
  friend bool operator==(const StartPoint&, const StartPoint&) = default;
};

/// The group named by `KafkaSettings::app`, without being in it.
///
/// Threads: one. Every question waits for the brokers, at most `patience`.
class KafkaGroup {
 public:
  /// `health` outlives it. Brokers need not be reachable yet.
  static Result<std::unique_ptr<KafkaGroup>> make(const KafkaSettings& settings, KafkaLog log,
                                                  KafkaHealth& health);
  ~KafkaGroup();
  KafkaGroup(const KafkaGroup&) = delete;
  KafkaGroup& operator=(const KafkaGroup&) = delete;

  /// [partitions] What has been committed, once no transaction that could change it is open.
  using Committed = std::vector<std::optional<CommittedOffset>>;
  Asked<Committed> committed(std::span<const TopicPartition> partitions,
                             std::chrono::milliseconds patience);

  /// [partitions] The offset of `point`.
  Asked<std::vector<std::int64_t>> offsets_at(std::span<const TopicPartition> partitions,
                                              const StartPoint& point,
                                              std::chrono::milliseconds patience);

  /// Those whose session has not ended, each as `name at host`. A static member stays for as long
  /// after its end as its session lasts.
  Asked<std::vector<std::string>> members(std::chrono::milliseconds patience);

  /// The broker refuses it while somebody is in the group.
  Result<void> set_offsets(std::span<const OffsetToCommit> offsets,
                           std::chrono::milliseconds patience);

  /// With it a writer's transaction may carry offsets of this group while nobody is in it.
  GenerationRef outsider() const;

 private:
  struct Inside;
  explicit KafkaGroup(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

}  // namespace tocsin
