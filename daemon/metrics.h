// The numbers of a running daemon, as Prometheus reads them.

#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "daemon/metric.h"

namespace tocsin {

/// Renders all metrics (metric.h) in Prometheus's text format.
///
/// The numbers are kept by those who count; they are collected when somebody asks, so that
/// counting costs the pipeline next to nothing.
/// Threads: any.
class Metrics {
 public:
  explicit Metrics(MetricsSubject subject);

  /// From now on `flow` is looked at; null ends it. It outlives this object, or that call.
  void watch(const FlowCounters* flow);
  /// The same for the clients of Kafka.
  void watch(const KafkaClients& clients);

  std::string scrape() const;

 private:
  MetricsSubject subject_;
  double started_seconds_;
  mutable std::mutex mutex_;  ///< Guards the rest, for the length of a scrape.
  const FlowCounters* flow_ = nullptr;
  KafkaClients clients_;
};

}  // namespace tocsin
