#include "pipeline/flow/worker.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "pipeline/flow/partition_mark.h"

namespace tocsin {
namespace {

/// Takes outcomes that were written in an earlier life.
class SilentSink final : public OutcomeSink {
 public:
  void scored(const ScoredEvent&) override {}
  void alert(const Alert&, const ScoredEvent&) override {}
  void rejected(const Source&, const Batch&, std::size_t) override {}
};

}  // namespace

Worker::Worker(WorkerContext context, WorkerLinks& links, WorkerCounters& counters, Encoder encoder)
    : context_(context), links_(links), counters_(counters), encoder_(std::move(encoder)) {
  for (const auto& plan : context_.plans)
    silent_counters_.push_back(std::make_unique<StreamCounters>(plan->settings().detectors.size()));
}

Step Worker::step() {
  if (part_ == nullptr && !links_.free_parts.pop(part_)) return Step::idle;
  Batch* batch = nullptr;
  if (!links_.inbox.pop(batch)) return Step::idle;
  handle(*batch);
  [[maybe_unused]] const bool is_returned = links_.returned_batches.push(batch);
  assert(is_returned);  // The ring holds every batch there is.
  counters_.queue_batches.set(links_.inbox.size());
  return Step::worked;
}

void Worker::handle(Batch& batch) {
  switch (batch.kind) {
    case Batch::Kind::open:
      open(batch);
      break;
    case Batch::Kind::rows:
      handle_rows(batch);
      break;
    case Batch::Kind::barrier:
      finish_epoch(batch);
      break;
    case Batch::Kind::close:
      owned_.erase(batch.partition);
      break;
  }
  counters_.partitions.set(owned_.size());
}

void Worker::open(const Batch& batch) {
  Owned owned;
  owned.stream = batch.stream;
  owned.plan = context_.plans[batch.stream].get();
  owned.is_silent = batch.is_silent;
  StreamCounters& counters =
      owned.is_silent ? *silent_counters_[batch.stream] : *counters_.streams[batch.stream];
  owned.partition = std::make_unique<Partition>(context_.plans[batch.stream],
                                                Partition::Place{batch.topic, batch.number},
                                                context_.refits, counters, context_.stopwatch);
  owned_[batch.partition] = std::move(owned);
}

void Worker::handle_rows(const Batch& batch) {
  Owned& owned = owned_.at(batch.partition);
  if (owned.is_silent && !batch.is_silent) {
    owned.is_silent = false;
    owned.partition->count_into(*counters_.streams[owned.stream]);
  }
  const std::uint64_t begun = context_.stopwatch != nullptr ? context_.stopwatch() : 0;
  for (const Row& row : batch.rows)
    if (row.kind == RowKind::event)
      owned.event_time_ms = std::max(owned.event_time_ms, row.time_ms);
  if (batch.is_silent) {
    SilentSink silent;
    owned.partition->handle(batch, silent);
  } else {
    part_->output.begin_partition(batch.partition);
    encoder_.write_to(part_->output);
    owned.partition->handle(batch, encoder_);
    owned.live_next = batch.rows.back().offset + 1;
    counters_.streams[owned.stream]->unknown_fields.add(batch.unknown_fields);
  }
  counters_.batches.add();
  if (context_.stopwatch != nullptr)
    counters_.batch_seconds.observe(static_cast<double>(context_.stopwatch() - begun) * 1e-9);
  const auto workers = static_cast<std::size_t>(context_.settings.workers);
  if (part_->output.bytes() * workers >= context_.settings.epoch_bytes_max ||
      part_->output.records().size() * workers >= context_.settings.epoch_records_max)
    context_.cut_wanted.store(true, std::memory_order_relaxed);
}

void Worker::finish_epoch(const Batch& batch) {
  part_->epoch = batch.epoch;
  for (auto& [handle, owned] : owned_) {
    if (owned.live_next < 0) continue;
    PartitionCut& cut = part_->add_cut();
    cut.handle = handle;
    cut.topic = owned.partition->place().topic;
    cut.partition = owned.partition->place().number;
    cut.next_offset = std::exchange(owned.live_next, -1);
    cut.event_time_ms = owned.event_time_ms;
    cut.metadata.clear();
    PartitionMark{.sequence = owned.partition->sequence(),
                  .definition = owned.plan->definition_hash()}
        .append_to(cut.metadata);
  }
  [[maybe_unused]] const bool is_sent = links_.finished_parts.push(part_);
  assert(is_sent);  // There are two parts and four places.
  part_ = nullptr;
}

std::vector<const Partition*> Worker::partitions() const {
  std::vector<const Partition*> all;
  for (const auto& [handle, owned] : owned_) all.push_back(owned.partition.get());
  return all;
}

}  // namespace tocsin
