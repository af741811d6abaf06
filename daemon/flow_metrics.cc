// What the stages count: reading, handing over, committing.

#include <algorithm>
#include <string>

#include "daemon/metric.h"

namespace tocsin {
namespace {

/// One counter of the flow, without labels.
template <Counter FlowCounters::*Member>
void one(const Scrape& scrape, Samples& samples) {
  if (scrape.flow != nullptr) samples.add({}, (scrape.flow->*Member).value());
}

template <DurationCounter FlowCounters::*Member>
void durations(const Scrape& scrape, Samples& samples) {
  if (scrape.flow == nullptr) return;
  Distribution distribution;
  distribution.add(scrape.flow->*Member);
  samples.add({}, distribution);
}

/// One counter of each worker.
template <Counter WorkerCounters::*Member>
void by_worker(const Scrape& scrape, Samples& samples) {
  if (scrape.flow == nullptr) return;
  for (std::size_t i = 0; i < scrape.flow->workers.size(); ++i) {
    samples.add({std::to_string(i)}, ((*scrape.flow->workers[i]).*Member).value());
  }
}

/// One duration of all workers.
template <DurationCounter WorkerCounters::*Member>
void of_workers(const Scrape& scrape, Samples& samples) {
  if (scrape.flow == nullptr) return;
  Distribution total;
  for (const auto& worker : scrape.flow->workers) total.add((*worker).*Member);
  samples.add({}, total);
}

void transactions(const Scrape& scrape, Samples& samples) {
  if (scrape.flow == nullptr) return;
  samples.add({"commit"}, scrape.flow->commits);
  samples.add({"abort"}, scrape.flow->aborts);
}

void last_commit(const Scrape& scrape, Samples& samples) {
  if (scrape.flow == nullptr || scrape.flow->last_commit_ms.value() == 0) return;
  samples.add({}, static_cast<double>(scrape.flow->last_commit_ms.value()) / 1000);
}

void lag_records(const Scrape& scrape, Samples& samples) {
  if (scrape.flow == nullptr) return;
  for (const PartitionProgress& at : scrape.flow->progress()) {
    if (at.next_offset < 0 || at.high < 0) continue;
    samples.add({at.topic, std::to_string(at.partition)},
                static_cast<double>(std::max<std::int64_t>(at.high - at.next_offset, 0)));
  }
}

void lag_seconds(const Scrape& scrape, Samples& samples) {
  if (scrape.flow == nullptr) return;
  for (const PartitionProgress& at : scrape.flow->progress()) {
    if (at.next_offset < 0 || at.high < 0 || at.event_time_ms < 0) continue;
    const double age = scrape.now_seconds - static_cast<double>(at.event_time_ms) / 1000;
    samples.add({at.topic, std::to_string(at.partition)},
                at.next_offset >= at.high ? 0.0 : std::max(age, 0.0));
  }
}

void queue_capacity(const Scrape& scrape, Samples& samples) {
  samples.add({}, std::uint64_t{scrape.subject.queue_capacity_batches});
}

void worker_count(const Scrape& scrape, Samples& samples) {
  if (scrape.flow != nullptr) samples.add({}, std::uint64_t{scrape.flow->workers.size()});
}

constexpr std::array<Metric, 31> kMetrics{{
    {.name = "tocsin_records_read_total",
     .type = MetricType::counter,
     .labels = {},
     .help = "Records read from Kafka, whether committed yet or not",
     .collect = one<&FlowCounters::records_read>},
    {.name = "tocsin_read_bytes_total",
     .type = MetricType::counter,
     .labels = {},
     .help = "Bytes of keys and values read from Kafka",
     .collect = one<&FlowCounters::bytes_read>},
    {.name = "tocsin_assigned_partitions",
     .type = MetricType::gauge,
     .labels = {},
     .help = "Input partitions assigned to this process",
     .collect = one<&FlowCounters::assigned_partitions>},
    {.name = "tocsin_rebalances_total",
     .type = MetricType::counter,
     .labels = {},
     .help = "Assignments and revocations of partitions",
     .collect = one<&FlowCounters::rebalances>},
    {.name = "tocsin_consumer_lag_records",
     .type = MetricType::gauge,
     .labels = {"topic", "partition"},
     .help = "Records between the committed offset and the end of the partition; no sample while "
             "either is unknown",
     .collect = lag_records},
    {.name = "tocsin_consumer_lag_seconds",
     .type = MetricType::gauge,
     .labels = {"topic", "partition"},
     .help = "Age of the newest committed event while records wait behind it, else 0",
     .collect = lag_seconds},
    {.name = "tocsin_backpressure_active",
     .type = MetricType::gauge,
     .labels = {},
     .help = "1 while full queues keep the reader paused, else 0",
     .collect = one<&FlowCounters::paused>},
    {.name = "tocsin_backpressure_pauses_total",
     .type = MetricType::counter,
     .labels = {},
     .help = "Times that full queues paused the reader",
     .collect = one<&FlowCounters::pauses>},
    {.name = "tocsin_workers",
     .type = MetricType::gauge,
     .labels = {},
     .help = "Worker threads",
     .collect = worker_count},
    {.name = "tocsin_worker_partitions",
     .type = MetricType::gauge,
     .labels = {"worker"},
     .help = "Partitions that a worker owns",
     .collect = by_worker<&WorkerCounters::partitions>},
    {.name = "tocsin_batches_total",
     .type = MetricType::counter,
     .labels = {"worker"},
     .help = "Batches handled by a worker",
     .collect = by_worker<&WorkerCounters::batches>},
    {.name = "tocsin_batch_duration_seconds",
     .type = MetricType::histogram,
     .labels = {},
     .help = "Time that a worker took for one batch",
     .collect = of_workers<&WorkerCounters::batch_seconds>},
    {.name = "tocsin_queue_batches",
     .type = MetricType::gauge,
     .labels = {"worker"},
     .help = "Batches that wait for a worker now",
     .collect = by_worker<&WorkerCounters::queue_batches>},
    {.name = "tocsin_queue_capacity_batches",
     .type = MetricType::gauge,
     .labels = {},
     .help = "Batches that may wait for one worker",
     .collect = queue_capacity},
    {.name = "tocsin_epoch_duration_seconds",
     .type = MetricType::histogram,
     .labels = {},
     .help = "Time from an epoch's first record read to the end of its commit",
     .collect = durations<&FlowCounters::epoch_seconds>},
    {.name = "tocsin_transaction_duration_seconds",
     .type = MetricType::histogram,
     .labels = {},
     .help = "Time from the begin of a transaction to the end of its commit",
     .collect = durations<&FlowCounters::transaction_seconds>},
    {.name = "tocsin_transactions_total",
     .type = MetricType::counter,
     .labels = {"result"},
     .help = "Epochs ended, by result: commit or abort",
     .collect = transactions},
    {.name = "tocsin_producer_reopens_total",
     .type = MetricType::counter,
     .labels = {},
     .help = "Times that the producer had to be made anew",
     .collect = one<&FlowCounters::reopens>},
    {.name = "tocsin_last_commit_timestamp_seconds",
     .type = MetricType::gauge,
     .labels = {},
     .help = "When the last epoch was committed, since 1970; no sample before the first",
     .collect = last_commit},
    {.name = "tocsin_state_restoring_partitions",
     .type = MetricType::gauge,
     .labels = {},
     .help = "Assigned partitions whose state is still being read or replayed",
     .collect = one<&FlowCounters::restoring>},
    {.name = "tocsin_state_restored_bytes_total",
     .type = MetricType::counter,
     .labels = {},
     .help = "Bytes read from state topics",
     .collect = one<&FlowCounters::restore_bytes>},
    {.name = "tocsin_state_replayed_records_total",
     .type = MetricType::counter,
     .labels = {},
     .help = "Records handled again, without output, to have the state of the committed offset",
     .collect = one<&FlowCounters::records_replayed>},
    {.name = "tocsin_state_records_written_total",
     .type = MetricType::counter,
     .labels = {},
     .help = "Records written to state topics and committed",
     .collect = one<&FlowCounters::state_records>},
    {.name = "tocsin_state_written_bytes_total",
     .type = MetricType::counter,
     .labels = {},
     .help = "Bytes written to state topics and committed",
     .collect = one<&FlowCounters::state_bytes>},
    {.name = "tocsin_snapshots_total",
     .type = MetricType::counter,
     .labels = {"worker"},
     .help = "Snapshots of a partition that are complete and committed",
     .collect = by_worker<&WorkerCounters::snapshots>},
    {.name = "tocsin_snapshot_duration_seconds",
     .type = MetricType::histogram,
     .labels = {},
     .help = "Time that a worker spent on one snapshot: copying, compressing, encoding",
     .collect = of_workers<&WorkerCounters::snapshot_seconds>},
    {.name = "tocsin_records_written_total",
     .type = MetricType::counter,
     .labels = {},
     .help = "Records written to Kafka and committed",
     .collect = one<&FlowCounters::records_written>},
    {.name = "tocsin_written_bytes_total",
     .type = MetricType::counter,
     .labels = {},
     .help = "Bytes of keys and values written to Kafka and committed",
     .collect = one<&FlowCounters::bytes_written>},
    {.name = "tocsin_refused_records_total",
     .type = MetricType::counter,
     .labels = {},
     .help = "Output records that the broker refused for good, replaced by a short substitute",
     .collect = one<&FlowCounters::refused_records>},
    {.name = "tocsin_config_info",
     .type = MetricType::gauge,
     .labels = {"app", "config", "delivery"},
     .help = "Always 1; the labels say which configuration runs, by hash",
     .collect =
         [](const Scrape& scrape, Samples& samples) {
           const MetricsSubject& subject = scrape.subject;
           samples.add({subject.app, subject.config_hash, subject.delivery}, 1.0);
         }},
    {.name = "tocsin_memory_max_bytes",
     .type = MetricType::gauge,
     .labels = {},
     .help = "What the configuration allows in all (memory.max_bytes)",
     .collect =
         [](const Scrape& scrape, Samples& samples) {
           samples.add({}, std::uint64_t{scrape.subject.memory_max_bytes});
         }},
}};

}  // namespace

std::span<const Metric> flow_metrics() { return kMetrics; }

}  // namespace tocsin
