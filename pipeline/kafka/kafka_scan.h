// Records of one partition after another, for the commands of people.

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include "detectors/result.h"
#include "pipeline/kafka/kafka_health.h"
#include "pipeline/kafka/kafka_settings.h"
#include "pipeline/kafka/topic_partition.h"
#include "pipeline/log/log.h"

namespace tocsin {

/// Reads committed records without being anybody: in no group, and nothing is committed.
///
/// Threads: one. `read` waits for the brokers.
class KafkaScan {
 public:
  /// `health` outlives it. Brokers need not be reachable yet.
  static Result<std::unique_ptr<KafkaScan>> make(const KafkaSettings& settings, KafkaLog log,
                                                 KafkaHealth& health);
  ~KafkaScan();
  KafkaScan(const KafkaScan&) = delete;
  KafkaScan& operator=(const KafkaScan&) = delete;

  /// The partition's records with offsets from `from` to below `to`.
  struct Range {
    TopicPartition place;
    std::int64_t from = 0;
    std::int64_t to = 0;
  };
  enum class Wanted : bool { no_more, more };
  /// The record's handle is the number of its partition.
  using Take = std::function<Wanted(const ReadRecord&)>;

  /// Ends with a record, or an end of the partition, at or past `to`, or as soon as `take` wants no
  /// more. What is no longer there is left out. Fails where nothing new comes for `patience`, with
  /// what it waits for, such as a transaction that is open.
  Result<void> read(const Range& range, const Take& take, std::chrono::milliseconds patience);

 private:
  struct Inside;
  explicit KafkaScan(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

}  // namespace tocsin
