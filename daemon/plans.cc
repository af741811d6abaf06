#include "daemon/plans.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <thread>

#include "pipeline/input/batch.h"

namespace tocsin {
namespace {

/// The largest batch of a stream: all rows, text up to its mark, and the record that crosses it.
std::size_t batch_bytes(const StreamSettings& stream, const FlowSettings& flow) {
  const auto groups = static_cast<std::size_t>(
      std::count_if(stream.detectors.begin(), stream.detectors.end(),
                    [](const DetectorSettings& detector) { return !detector.group_by.empty(); }));
  const std::size_t row = sizeof(Row) +
                          static_cast<std::size_t>(stream.dimensions()) * sizeof(double) +
                          groups * sizeof(TextRange);
  return flow.batch_rows_max * row + Batch::kTextSoftMaxBytes + stream.record_max_bytes;
}

/// What librdkafka keeps for each record read ahead, beside its bytes.
constexpr std::size_t kFetchedRecordBytes = 300;
/// The fewest bytes of a record for which the fetch queue is bounded by bytes, not by records.
constexpr std::size_t kSmallRecordBytes = 256;
/// What librdkafka keeps for each record to be sent, beside its bytes, which are the epoch's.
constexpr std::size_t kProducedRecordBytes = 400;

std::string_view name_of(Delivery delivery) {
  return delivery == Delivery::exactly_once ? "exactly_once" : "at_least_once";
}

/// The detectors' types; the second of a type is `spike_2`.
std::vector<std::string> detector_names(const StreamSettings& stream) {
  std::vector<std::string> names;
  std::map<std::string_view, int> seen;
  for (const DetectorSettings& detector : stream.detectors) {
    const int count = ++seen[detector.kind->name];
    names.emplace_back(detector.kind->name);
    if (count > 1) names.back() += "_" + std::to_string(count);
  }
  return names;
}

/// The kinds of alerts that each detector may lead to: above, then below.
std::vector<std::string> kinds_of(const StreamSettings& stream) {
  std::vector<std::string> kinds;
  for (const DetectorSettings& detector : stream.detectors) {
    kinds.emplace_back(detector.kind->kind_above);
    kinds.emplace_back(detector.kind->kind_below);
  }
  return kinds;
}

}  // namespace

Result<std::vector<StreamPlanRef>> make_plans(const Config& config) {
  std::vector<StreamPlanRef> plans;
  for (const StreamSettings& stream : config.streams) {
    Result<StreamPlanRef> plan = StreamPlan::make(stream, config.outputs.detail);
    if (!plan) return Error{"stream " + stream.name + ": " + plan.error().message};
    plans.push_back(*std::move(plan));
  }
  return plans;
}

int workers_of(const Config& config) {
  if (config.flow.workers > 0) return config.flow.workers;
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  return std::clamp(cores - 1, 1, std::max(1, config.memory.partitions));
}

MetricsSubject metrics_subject(const Config& config, std::span<const StreamPlanRef> plans) {
  MetricsSubject subject{.app = config.app,
                         .config_hash = config.hash,
                         .delivery = std::string(name_of(config.kafka.delivery)),
                         .queue_capacity_batches = config.flow.ring_batches,
                         .memory_max_bytes = config.memory.max_bytes};
  for (const StreamPlanRef& plan : plans) {
    const StreamSettings& stream = plan->settings();
    subject.streams.push_back({.stream = stream.name,
                               .detectors = detector_names(stream),
                               .kinds = kinds_of(stream),
                               .partition_max_bytes = plan->partition_bytes()});
  }
  return subject;
}

MemoryNeeds memory_needs(const Config& config, std::span<const StreamPlanRef> plans) {
  MemoryNeeds needs{.partitions = config.memory.partitions,
                    .fetch_queue_bytes = config.kafka.fetch_queue_bytes / kSmallRecordBytes *
                                         (kSmallRecordBytes + kFetchedRecordBytes),
                    .workers = workers_of(config),
                    .ring_batches = config.flow.ring_batches,
                    .epoch_bytes = config.flow.epoch_bytes_max,
                    .producer_queue_bytes = config.flow.epoch_records_max * kProducedRecordBytes};
  for (const StreamPlanRef& plan : plans) {
    needs.partition_bytes = std::max(needs.partition_bytes, plan->partition_bytes());
    needs.batch_bytes = std::max(needs.batch_bytes, batch_bytes(plan->settings(), config.flow));
  }
  return needs;
}

std::optional<Diagnostic> why_refused(const MemoryPlan& memory, const Config& config) {
  if (memory.fits()) return std::nullopt;
  Diagnostic refused = config.memory_place;
  refused.message = fmt::format("the parts of memory sum up to {}, but memory.max_bytes is {}",
                                bytes_text(memory.sum_bytes), bytes_text(memory.max_bytes));
  refused.hint = fmt::format(
      "Allow more, or fewer than {} partitions (memory.partitions; {} would fit), or less for "
      "each (memory.partition_bytes).",
      config.memory.partitions, memory.partitions_max);
  return refused;
}

}  // namespace tocsin
