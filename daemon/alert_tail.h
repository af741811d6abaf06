// Reads an alerts topic as it grows.

#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "detectors/result.h"
#include "pipeline/kafka/kafka_health.h"
#include "pipeline/log/log.h"

namespace tocsin {

/// Hands over the values of a topic's records, from its beginning on.
///
/// Threads: one.
class AlertTail final : private ReadSink {
 public:
  using Take = std::function<void(std::string_view value)>;

  /// Reads `topic` of the cluster at `bootstrap`; `log` gets librdkafka's lines.
  static Result<std::unique_ptr<AlertTail>> begin(const std::string& bootstrap,
                                                  const std::string& topic, KafkaLog log,
                                                  Take take);
  ~AlertTail() override;
  AlertTail(const AlertTail&) = delete;
  AlertTail& operator=(const AlertTail&) = delete;

  /// Hands over what has come, waiting at most `patience` for something to come.
  Result<void> poll(std::chrono::milliseconds patience);

 private:
  explicit AlertTail(Take take);

  void assigned(std::span<const Assignment> partitions, GenerationRef generation) override;
  void revoked(std::span<const PartitionHandle> partitions, Revocation why) override;
  void record(const ReadRecord& record) override;
  void end_of_partition(PartitionHandle partition, std::int64_t next_offset) override;

  Take take_;
  KafkaHealth health_;
  std::unique_ptr<LogReader> reader_;
  std::vector<PartitionHandle> to_start_;
};

}  // namespace tocsin
