// What a metric is: one row of a table, with how its samples are collected.
//
// The row is the only place where a metric is declared. The exposition, the tables of
// deploy/README.md and the tests all read it.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/counter.h"
#include "pipeline/flow/flow_counters.h"
#include "pipeline/kafka/kafka_health.h"
#include "pipeline/kafka/kafka_state_log.h"

namespace tocsin {

/// A stream, as metrics name it.
struct StreamNames {
  std::string stream;
  std::vector<std::string> detectors;   ///< In the stream's order, each name once.
  std::vector<std::string> kinds;       ///< Of alerts: of each detector above, then below.
  std::size_t partition_max_bytes = 0;  ///< Most that one partition of it may learn.
};

/// What does not change while the process runs.
struct MetricsSubject {
  std::string app;
  std::string config_hash;
  std::string delivery;
  std::vector<StreamNames> streams;
  std::size_t queue_capacity_batches = 0;
  std::size_t memory_max_bytes = 0;
};

/// What the process has used, as the kernel counts it.
struct ProcessUsage {
  double cpu_seconds = 0;
  double start_time_seconds = 0;  ///< Since 1970.
  std::optional<double> resident_bytes, virtual_bytes, open_fds, max_fds;
};

/// The health of all clients; null where there is no such client.
struct KafkaClients {
  const KafkaHealth* consumer = nullptr;
  const KafkaHealth* producer = nullptr;
  const StateLogHealth* state = nullptr;
};

/// Everything that one scrape looks at.
struct Scrape {
  const MetricsSubject& subject;
  const FlowCounters* flow = nullptr;  ///< Null before the pipeline has begun.
  KafkaClients clients;
  ProcessUsage process;
  double now_seconds = 0;  ///< Since 1970.
};

/// Observations in the buckets of DurationCounter, summed over several of them.
class Distribution {
 public:
  void add(const DurationCounter& counter);

  std::span<const std::uint64_t> counts() const { return counts_; }  ///< Not cumulative.
  double sum_seconds() const { return sum_seconds_; }

 private:
  std::array<std::uint64_t, DurationCounter::kBoundsSeconds.size() + 1> counts_{};
  double sum_seconds_ = 0;
};

/// The samples of one metric.
class Samples {
 public:
  using Labels = std::initializer_list<std::string_view>;  ///< Values, in the row's order.

  struct Sample {
    std::vector<std::string> labels;
    double value = 0;
    std::optional<Distribution> distribution;  ///< Histograms only.
  };

  void add(Labels labels, double value);
  void add(Labels labels, std::uint64_t value) { add(labels, static_cast<double>(value)); }
  void add(Labels labels, const Counter& counter) { add(labels, counter.value()); }
  void add(Labels labels, const Distribution& distribution);

  std::span<const Sample> all() const { return samples_; }

 private:
  std::vector<Sample> samples_;
};

enum class MetricType : std::uint8_t { counter, gauge, histogram };
std::string_view name_of(MetricType type);

/// One metric.
struct Metric {
  std::string_view name;
  MetricType type = MetricType::gauge;
  std::array<std::string_view, 4> labels{};  ///< Names; the unused ones at the end are empty.
  std::string_view help;                     ///< One sentence, without the final stop.
  void (*collect)(const Scrape& scrape, Samples& samples) = nullptr;

  std::size_t label_count() const;
};

// The tables, by what they watch.
std::span<const Metric> stream_metrics();   // stream_metrics.cc
std::span<const Metric> flow_metrics();     // flow_metrics.cc
std::span<const Metric> kafka_metrics();    // kafka_metrics.cc
std::span<const Metric> process_metrics();  // process_metrics.cc

/// All of them.
std::vector<Metric> all_metrics();

/// All of them as a Markdown table, which deploy/README.md holds.
std::string metrics_markdown();

}  // namespace tocsin
