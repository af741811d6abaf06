// Writes this machine's vital signs to a topic.

#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "daemon/vital_signs.h"
#include "pipeline/kafka/kafka_health.h"
#include "pipeline/log/log.h"

namespace tocsin {

/// One event an entity and interval, keyed by the entity, from a thread of its own.
///
/// Threads: constructed and destroyed by one; `events` and `busy_percent` from any.
class VitalFeed {
 public:
  static constexpr std::chrono::milliseconds kInterval{100};

  /// Begins to write to `topic` of the cluster at `bootstrap`; `log` gets librdkafka's lines.
  VitalFeed(const std::string& bootstrap, std::string topic, KafkaLog log);
  /// Stops.
  ~VitalFeed() = default;
  VitalFeed(const VitalFeed&) = delete;
  VitalFeed& operator=(const VitalFeed&) = delete;

  std::uint64_t events() const { return events_.load(); }       ///< Written so far.
  double busy_percent() const { return busy_percent_.load(); }  ///< Of all CPUs, just now.

 private:
  void run(const std::stop_token& stop);
  bool write(std::span<const VitalEvent> events, const std::stop_token& stop);

  VitalSigns signs_;
  KafkaHealth health_;
  std::unique_ptr<LogWriter> writer_;
  std::atomic<std::uint64_t> events_{0};
  std::atomic<double> busy_percent_{0};
  std::jthread thread_;  // Last: it uses all of the above.
};

}  // namespace tocsin
