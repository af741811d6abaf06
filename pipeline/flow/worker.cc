#include "pipeline/flow/worker.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "pipeline/flow/partition_starter.h"
#include "pipeline/flow/start_rules.h"

namespace tocsin {
namespace {

constexpr std::size_t kStateBytesPerEpochMax = 32U << 20U;

/// Takes outcomes that were written in an earlier life.
class SilentSink final : public OutcomeSink {
 public:
  void scored(const ScoredEvent&) override {}
  void alert(const Alert&, const ScoredEvent&) override {}
  void rejected(const Source&, const Batch&, std::size_t) override {}
};

}  // namespace

Worker::Worker(WorkerContext context, WorkerLinks& links, WorkerCounters& counters, Encoder encoder)
    : context_(std::move(context)),
      links_(links),
      counters_(counters),
      encoder_(std::move(encoder)) {
  for (const auto& plan : context_.plans)
    silent_counters_.push_back(std::make_unique<StreamCounters>(plan->settings().detectors.size()));
}

Step Worker::step() {
  take_parts();
  if (!failure_.empty()) return Step::failed;
  if (part_ == nullptr) {
    if (spare_parts_.empty()) return Step::idle;
    part_ = spare_parts_.back();
    spare_parts_.pop_back();
  }
  Batch* batch = nullptr;
  if (!links_.inbox.pop(batch)) return Step::idle;
  handle(*batch);
  [[maybe_unused]] const bool is_returned = links_.returned_batches.push(batch);
  assert(is_returned);  // The ring holds every batch there is.
  counters_.queue_batches.set(links_.inbox.size());
  if (failure_.empty()) return Step::worked;
  links_.has_failed.store(true, std::memory_order_release);
  return Step::failed;
}

/// Takes back the parts whose epochs are over, and what became of the state in them.
void Worker::take_parts() {
  EpochPart* part = nullptr;
  bool has_taken = false;
  while (links_.free_parts.pop(part)) {
    has_taken = true;
    for (const StateShare& share : part->state_shares) {
      const auto found = owned_.find(share.handle);
      if (part->is_committed && found != owned_.end())
        found->second.writer->committed(std::span(part->state).subspan(share.first, share.count));
    }
    part->clear();
    spare_parts_.push_back(part);
  }
  if (has_taken) note_wish();
}

/// Tells the ingest stage whether there is something that only an epoch can carry.
void Worker::note_wish() {
  const bool wants = std::any_of(owned_.begin(), owned_.end(), [](const auto& entry) {
    const Owned& owned = entry.second;
    return owned.writer != nullptr && owned.next_offset >= 0 && !owned.is_kept &&
           owned.writer->wants_epoch();
  });
  links_.wants_epoch.store(wants, std::memory_order_release);
}

void Worker::handle(Batch& batch) {
  Result<void> done;
  switch (batch.kind) {
    case Batch::Kind::open:
      open(batch);
      break;
    case Batch::Kind::piece:
      done = add_piece(batch);
      break;
    case Batch::Kind::gap:
      done = pass_gap(batch);
      break;
    case Batch::Kind::live:
      done = go_live(batch);
      note_wish();
      break;
    case Batch::Kind::cut:
      begin_snapshot(batch);
      break;
    case Batch::Kind::keep:
      owned_.at(batch.partition).is_kept = true;
      note_wish();
      break;
    case Batch::Kind::rebind:
      rebind(batch);
      break;
    case Batch::Kind::rows:
      done = handle_rows(batch);
      break;
    case Batch::Kind::barrier:
      finish_epoch(batch);
      break;
    case Batch::Kind::close:
      close(batch.partition);
      break;
  }
  if (!done) failure_ = done.error().message;
  counters_.partitions.set(owned_.size());
}

std::string Worker::name_of(const Owned& owned) const {
  const Partition::Place& place = owned.partition->place();
  return place.topic + "/" + std::to_string(place.number);
}

// ---- The beginning and the end of a partition.

void Worker::open(const Batch& batch) {
  Owned owned;
  owned.stream = batch.stream;
  owned.plan = context_.plans[batch.stream].get();
  owned.partition = std::make_unique<Partition>(
      context_.plans[batch.stream], Partition::Place{batch.topic, batch.number}, context_.refits,
      *silent_counters_[batch.stream], context_.stopwatch);
  if (context_.keeps_state)
    owned.writer = std::make_unique<SnapshotWriter>(
        context_.settings.owner, state_topic_of(context_.settings.app, batch.topic), batch.number);
  owned_[batch.partition] = std::move(owned);
}

Result<void> Worker::add_piece(Batch& batch) {
  Owned& owned = owned_.at(batch.partition);
  if (owned.restore == nullptr) owned.restore = std::make_unique<RestoreAssembly>();
  const bool is_head = batch.piece == Batch::Piece::head;
  Result<void> added = owned.restore->add(
      *owned.partition,
      {.piece = {.kind = is_head ? SnapshotPiece::Kind::head : SnapshotPiece::Kind::chunks,
                 .raw_bytes = batch.raw_bytes,
                 .zstd = std::move(batch.text)},
       .is_older = batch.piece == Batch::Piece::older_chunks});
  if (!added) return Error{name_of(owned) + ": " + added.error().message};
  return {};
}

/// All pieces have come once anything else comes.
Result<void> Worker::finish_restore(Owned& owned) {
  if (owned.restore == nullptr) return {};
  const auto restore = std::exchange(owned.restore, nullptr);
  auto report = restore->finish(*owned.partition);
  if (!report) return Error{name_of(owned) + ": " + report.error().message};
  const Partition::Place& place = owned.partition->place();
  context_.observer.partition_restored({.stream = owned.plan->settings().name,
                                        .topic = place.topic,
                                        .partition = place.number,
                                        .report = *report});
  return {};
}

Result<void> Worker::pass_gap(const Batch& batch) {
  Owned& owned = owned_.at(batch.partition);
  Result<void> finished = finish_restore(owned);
  owned.partition->note_gap();
  return finished;
}

Result<void> Worker::go_live(const Batch& batch) {
  Owned& owned = owned_.at(batch.partition);
  if (Result<void> finished = finish_restore(owned); !finished) return finished;
  owned.partition->count_into(*counters_.streams[owned.stream]);
  owned.next_offset = batch.start_offset;
  if (owned.writer == nullptr) return {};
  auto mark = PartitionMark::parse(batch.text);
  if (!mark) {
    owned.writer->begin_lineage(
        {.input_offset = batch.start_offset, .state_offset = batch.state_offset},
        context_.configuration);
    return {};
  }
  if (const auto looked = look_for_gap(batch, *mark, owned); !looked) return looked;
  mark->resumed.reset();
  if (batch.resumed_at >= 0) mark->resumed = batch.resumed_at;
  owned.writer->continue_from(*mark, owned.trail);
  if (mark->configuration != context_.configuration)
    owned.writer->note({.kind = JournalEntry::Kind::configuration,
                        .input_offset = mark->replay_from(),
                        .configuration = context_.configuration,
                        .definition = owned.plan->definition_hash()});
  return {};
}

/// Whether the state has seen what it should have: what the committed offset stands for, and what
/// came since. Where it has not, and goes on all the same, records say so until as many have come
/// as are missing.
Result<void> Worker::look_for_gap(const Batch& batch, const PartitionMark& mark, Owned& owned) {
  if (!batch.is_recreated) owned.gap_until = mark.gap_until;
  const bool is_asked = batch.missing > 0 || batch.is_recreated;  // The operator has been.
  // Of a recreated topic nothing is replayed, and what the state lacked before it lacks still.
  std::int64_t missing = batch.is_recreated ? batch.missing : 0;
  if (const auto checked = check_trail(mark, owned.trail, owned.partition->sequence()); !checked) {
    if (!is_asked && context_.settings.on_gap == OnGap::refuse)
      return Error{name_of(owned) + ": " + checked.error().message};
    // Where others stand in their place, nobody can tell which.
    missing = is_asked ? batch.missing : static_cast<std::int64_t>(mark.since.count);
  }
  // Of a recreated topic before anything else: it may grow to where the offset of the old one was.
  if (missing == 0 && !batch.is_recreated) return {};
  owned.writer->note({.kind = JournalEntry::Kind::gap,
                      .input_offset = mark.replay_from(),
                      .gap_end = is_asked ? batch.resumed_at : batch.start_offset});
  if (missing == 0) return {};
  owned.gap_until = std::max(owned.gap_until, batch.start_offset + missing);
  const Partition::Place& place = owned.partition->place();
  context_.observer.state_has_gap({.topic = place.topic,
                                   .partition = place.number,
                                   .missing = missing,
                                   .until = owned.gap_until});
  return {};
}

void Worker::rebind(const Batch& batch) {
  auto node = owned_.extract(batch.previous);
  node.key() = batch.partition;
  node.mapped().is_kept = false;
  owned_.insert(std::move(node));
  note_wish();
}

void Worker::close(PartitionHandle handle) {
  const auto found = owned_.find(handle);
  if (found == owned_.end()) return;
  const SnapshotWriter* writer = found->second.writer.get();
  if (writer != nullptr && (writer->is_under_way() || writer->needs_naming()))
    links_.snapshots_over.fetch_add(1, std::memory_order_release);
  owned_.erase(found);
  note_wish();
}

// ---- Records.

Result<void> Worker::handle_rows(const Batch& batch) {
  Owned& owned = owned_.at(batch.partition);
  if (Result<void> finished = finish_restore(owned); !finished) return finished;
  const std::uint64_t begun = context_.stopwatch != nullptr ? context_.stopwatch() : 0;
  for (const Row& row : batch.rows)
    if (row.kind == RowKind::event)
      owned.event_time_ms = std::max(owned.event_time_ms, row.time_ms);
  if (batch.is_silent) {
    for (const Row& row : batch.rows) owned.trail.add(row.offset);
    SilentSink silent;
    owned.partition->handle(batch, silent);
  } else {
    part_->output.begin_partition(batch.partition);
    encoder_.write_to(part_->output);
    encoder_.tell_gap_until(owned.gap_until);
    owned.partition->handle(batch, encoder_);
    owned.next_offset = batch.rows.back().offset + 1;
    owned.has_news = true;
    counters_.streams[owned.stream]->unknown_fields.add(batch.unknown_fields);
    if (owned.writer != nullptr) follow(owned, batch);
  }
  counters_.batches.add();
  links_.rows.fetch_add(batch.rows.size(), std::memory_order_relaxed);
  if (context_.stopwatch != nullptr) {
    const std::uint64_t took = context_.stopwatch() - begun;
    counters_.batch_seconds.observe(static_cast<double>(took) * 1e-9);
    links_.rows_ns.fetch_add(took, std::memory_order_relaxed);
  }
  const auto workers = static_cast<std::size_t>(context_.settings.workers);
  if (part_->output.bytes() * workers >= context_.settings.epoch_bytes_max ||
      part_->output.records().size() * workers >= context_.settings.epoch_records_max)
    context_.cut_wanted.store(true, std::memory_order_relaxed);
  return {};
}

// ---- State.

template <class Work>
void Worker::time_snapshot(Owned& owned, const Work& work) {
  const std::uint64_t begun = context_.stopwatch != nullptr ? context_.stopwatch() : 0;
  work();
  if (context_.stopwatch != nullptr) owned.snapshot_ns += context_.stopwatch() - begun;
}

/// After live rows: they belong to the trail, and a snapshot under way gets on.
void Worker::follow(Owned& owned, const Batch& batch) {
  for (const Row& row : batch.rows) owned.writer->handled(row.offset);
  if (!owned.writer->is_under_way()) return;
  time_snapshot(owned, [&] {
    owned.writer->copy_some(*owned.partition, context_.settings.state_chunks_per_batch);
  });
}

void Worker::begin_snapshot(const Batch& batch) {
  Owned& owned = owned_.at(batch.partition);
  owned.snapshot_ns = 0;
  time_snapshot(owned, [&] {
    owned.writer->begin(
        *owned.partition,
        {.input_offset = owned.next_offset,
         .sequence = owned.partition->sequence(),
         .definition = owned.plan->definition_hash(),
         .decoder = batch.text,
         .input_definition = owned.plan->input_definition_hash(),
         .written_ms = context_.wall_clock_ms != nullptr ? context_.wall_clock_ms() : 0,
         .entities = owned.partition->entities()});
  });
  const Partition::Place& place = owned.partition->place();
  context_.observer.snapshot_begun(place.topic, place.number);
  note_wish();
}

void Worker::finish_epoch(const Batch& batch) {
  part_->epoch = batch.epoch;
  for (auto& [handle, owned] : owned_) {
    if (owned.next_offset < 0 || owned.is_kept) continue;
    if (owned.writer != nullptr && owned.writer->wants_epoch()) write_state(handle, owned);
    if (owned.has_news) cut(handle, owned);
  }
  [[maybe_unused]] const bool is_sent = links_.finished_parts.push(part_);
  assert(is_sent);  // There are two parts and four places.
  part_ = nullptr;
  note_wish();
}

void Worker::write_state(PartitionHandle handle, Owned& owned) {
  const FlowSettings& settings = context_.settings;
  const std::size_t first = part_->state.size();
  // A snapshot is over in about half the interval, so that the next one begins in time.
  const auto epochs = static_cast<std::size_t>(
      std::max<std::int64_t>(1, settings.snapshot_interval_ms / 2 / settings.epoch_ms));
  const bool is_ending = links_.is_ending.load(std::memory_order_acquire);
  const std::size_t pace = std::clamp(owned.partition->state_bytes() / (is_ending ? 1 : epochs),
                                      settings.state_bytes_per_epoch_min, kStateBytesPerEpochMax);
  time_snapshot(owned, [&] { owned.writer->write(*owned.partition, pace, part_->state); });
  const std::size_t count = part_->state.size() - first;
  if (count > 0) part_->state_shares.push_back({handle, first, count});
  owned.has_news = true;
}

void Worker::cut(PartitionHandle handle, Owned& owned) {
  owned.has_news = false;
  PartitionCut& cut = part_->add_cut();
  cut.handle = handle;
  cut.topic = owned.partition->place().topic;
  cut.partition = owned.partition->place().number;
  cut.next_offset = owned.next_offset;
  cut.event_time_ms = owned.event_time_ms;
  cut.metadata.clear();
  cut.trim_before = -1;
  if (owned.writer == nullptr) return;
  PartitionMark mark{.sequence = owned.partition->sequence(),
                     .definition = owned.plan->definition_hash(),
                     .configuration = context_.configuration};
  const bool is_naming = owned.writer->needs_naming();
  owned.writer->fill(mark);
  if (owned.gap_until > owned.next_offset) mark.gap_until = owned.gap_until;
  mark.append_to(cut.metadata);
  if (!is_naming) return;
  cut.trim_before = mark.snapshot->oldest_offset;
  counters_.snapshots.add();
  counters_.snapshot_seconds.observe(static_cast<double>(owned.snapshot_ns) * 1e-9);
  links_.snapshot_ns.store(owned.snapshot_ns, std::memory_order_relaxed);
  links_.snapshots_over.fetch_add(1, std::memory_order_release);
  context_.observer.snapshot_named(cut.topic, cut.partition, owned.writer->sum());
}

std::vector<const Partition*> Worker::partitions() const {
  std::vector<const Partition*> all;
  for (const auto& [handle, owned] : owned_) all.push_back(owned.partition.get());
  return all;
}

}  // namespace tocsin
