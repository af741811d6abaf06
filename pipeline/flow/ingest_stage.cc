#include "pipeline/flow/ingest_stage.h"

#include <algorithm>
#include <utility>

namespace tocsin {
namespace {

constexpr std::int64_t kMillisecond = 1'000'000;
constexpr std::int64_t kPauseAfterNs = 500 * kMillisecond;
constexpr std::int64_t kPublishEveryNs = 1'000 * kMillisecond;
/// Records read in one step: a few batches, so that epochs are cut and the group served in time.
constexpr std::size_t kRecordsPerStep = 4 * Batch::kRowsMax;

}  // namespace

IngestStage::IngestStage(IngestContext context)
    : context_(context),
      matcher_(context.streams),
      lanes_(context.workers, context.settings.ring_batches),
      starter_({.streams = context.streams,
                .plans = context.plans,
                .settings = context.settings,
                .keep_events = context.keep_events,
                .reader = context.reader,
                .states = context.states,
                .lanes = lanes_,
                .counters = context.counters,
                .observer = context.observer}),
      snapshots_(context.settings, lanes_),
      errands_({.emit = context.emit,
                .reader = context.reader,
                .states = context.states,
                .settings = context.settings,
                .observer = context.observer}) {}

IngestStage::~IngestStage() = default;

Step IngestStage::fail(std::string why) {
  failure_ = std::move(why);
  return Step::failed;
}

Step IngestStage::step(std::int64_t now_ns) {
  now_ns_ = now_ns;
  if (is_stopped_) return Step::idle;
  run_errands();
  lanes_.push_pending();
  bool has_moved = false;
  pause_or_resume(now_ns);
  if (revocation_) {
    serve_revocation(now_ns);
  } else if (is_stopping_) {
    finish_stop(now_ns);
  } else {
    // Nothing begins in the midst of a pause: it would not be paused.
    if (!is_paused_)
      if (Result<void> started = starter_.step(inputs_, now_ns); !started)
        return fail(started.error().message);
    read_on(has_moved);
  }
  if (!failure_.empty()) return Step::failed;
  if (is_stopped_) return Step::idle;
  if (is_cut_due(now_ns) || is_state_due(now_ns)) cut(now_ns);
  publish(now_ns);
  return has_moved ? Step::worked : Step::idle;
}

/// Who is no member any more hears of it in `poll`. But whoever ends, or hands over, polls no more.
void IngestStage::run_errands() {
  errands_.run(inputs_, now_ns_);
  if (!errands_.is_no_member()) return;
  if (is_stopping_) is_stopped_ = true;
  if (revocation_) revocation_deadline_ns_ = now_ns_;
}

void IngestStage::read_on(bool& has_moved) {
  if (is_blocked_ && !is_paused_) return;
  const Result<std::size_t> read = context_.reader.poll(*this, kRecordsPerStep);
  if (!read) {
    fail(read.error().message);
    return;
  }
  has_moved = *read > 0;
  hand_over_all();
}

// ---- Assignments.

void IngestStage::assigned(std::span<const Assignment> partitions, GenerationRef generation) {
  generation_ = std::move(generation);
  generation_epoch_ = epoch_;
  context_.counters.rebalances.add();
  for (const Assignment& place : partitions) {
    const std::optional<std::size_t> stream = matcher_.match(place.topic);
    if (!stream) continue;  // Not ours to read: it stays paused.
    InputPartition input;
    if (const auto found = kept_.find({place.topic, place.partition}); found != kept_.end()) {
      input = std::move(found->second);
      input.kept = input.place.handle;
      input.phase = InputPartition::Phase::waiting;
      kept_.erase(found);
    } else {
      input.stream = *stream;
      input.worker = lanes_.assign();
    }
    input.place = place;
    input.start_after_ns = 0;
    inputs_[place.handle] = std::move(input);
  }
  // What did not come back is another's now.
  for (auto& [place, input] : kept_) close(input);
  kept_.clear();
  context_.counters.assigned_partitions.set(inputs_.size());
  context_.counters.restoring.set(inputs_.size());  // At once: none of them is live yet.
}

void IngestStage::revoked(std::span<const PartitionHandle> partitions, Revocation why) {
  context_.observer.partitions_revoked(partitions.size(), why == Revocation::lost);
  context_.counters.rebalances.add();
  revocation_ = why;
  revocation_deadline_ns_ = now_ns_ + context_.settings.drain_timeout_ms * kMillisecond;
  revocation_epoch_ = epoch_records_ > 0 ? epoch_ : epoch_ - 1;
  if (why == Revocation::lost) discard_through(revocation_epoch_);
  hand_over_all();
  cut(now_ns_);
}

void IngestStage::serve_revocation(std::int64_t now_ns) {
  // The group has given us up meanwhile: there is nothing to wait for, and nothing to keep.
  if (has_generation_passed()) revocation_ = Revocation::lost;
  // Late: nothing more of it may be begun. What is being committed this moment is either fenced,
  // or seen by the next owner, who waits for stable offsets.
  const bool is_late = now_ns >= revocation_deadline_ns_ || has_generation_passed();
  const bool is_over = is_finished(revocation_epoch_);  // Before: the discarded are, too.
  if (is_late) discard_through(revocation_epoch_);
  if (!is_over && !is_late) return;
  // Everything is committed: the state is worth keeping until it is known who has the partition.
  keep_or_close_all(is_over && *revocation_ == Revocation::handed_over);
  revocation_.reset();
  generation_.reset();
  context_.reader.release();
}

void IngestStage::discard_through(std::uint64_t epoch) {
  context_.emit.discard_through.store(epoch, std::memory_order_release);
  context_.emit.emit_bell.ring();
}

/// Whether an epoch could not be committed because the group goes by another generation, or
/// without us. Then no epoch of this one can.
bool IngestStage::has_generation_passed() const {
  return context_.emit.passed_epoch.load(std::memory_order_acquire) >= generation_epoch_;
}

void IngestStage::keep_or_close_all(bool keeps) {
  for (auto& [handle, input] : inputs_) {
    context_.counters.forget(input.place.topic, input.place.partition);
    starter_.forget(input);
    if (keeps && input.phase == InputPartition::Phase::live && context_.states != nullptr) {
      Batch* batch = lanes_.take(input.worker);
      batch->reset(Batch::Kind::keep, input.place.handle, 0, 0);
      lanes_.send(input.worker, batch);
      kept_[{input.place.topic, input.place.partition}] = std::move(input);
    } else {
      close(input);
    }
  }
  inputs_.clear();
  is_paused_ = false;
  context_.counters.paused.set(0);
  context_.counters.assigned_partitions.set(0);
}

void IngestStage::close(InputPartition& input) {
  lanes_.unassign(input.worker);
  const PartitionHandle handle = input.kept.value_or(input.place.handle);
  if (!input.is_open) return;
  Batch* batch = lanes_.take(input.worker);
  batch->reset(Batch::Kind::close, handle, 0, 0);
  lanes_.send(input.worker, batch);
}

bool IngestStage::is_finished(std::uint64_t epoch) const {
  return context_.emit.finished_epoch.load(std::memory_order_acquire) >= epoch;
}

// ---- Records.

void IngestStage::record(const ReadRecord& record) {
  const auto found = inputs_.find(record.partition);
  if (found == inputs_.end()) return;
  InputPartition& input = found->second;
  if (!input.delivers() || record.offset < input.next) return;  // Seen already.
  input.next = record.offset + 1;
  input.data_next = std::max(input.data_next, input.next);
  input.is_at_end = false;
  ++input.sequence;
  if (record.offset < input.live_from) {
    take(input, record, true);
    context_.counters.records_replayed.add();
    return;
  }
  become_live(input);
  take(input, record, false);
  if (epoch_records_++ == 0) epoch_begun_ns_ = now_ns_;
  context_.counters.records_read.add();
  context_.counters.bytes_read.add(record.value ? record.value->size() : 0);
  const Row& row = input.open->rows.back();
  if (row.kind == RowKind::rejected) {
    context_.observer.record_rejected({.topic = input.place.topic,
                                       .partition = input.place.partition,
                                       .offset = row.offset,
                                       .reason = name_of(row.reject)});
  }
}

void IngestStage::take(InputPartition& input, const ReadRecord& record, bool is_silent) {
  if (input.open != nullptr &&
      (input.open->full() || input.open->rows.size() >= context_.settings.batch_rows_max))
    hand_over(input);
  if (input.open == nullptr) {
    input.open = lanes_.take(input.worker);
    input.open->reset(Batch::Kind::rows, record.partition, input.decoder->width(),
                      input.decoder->group_width());
    input.open->is_silent = is_silent;
    dirty_.push_back(record.partition);
  }
  input.decoder->decode(record, *input.open);
}

/// What was to be replayed is behind.
void IngestStage::become_live(InputPartition& input) {
  if (input.phase == InputPartition::Phase::live) return;
  if (input.open != nullptr) hand_over(input);
  starter_.go_live(input);
  snapshots_.add(input, now_ns_);
}

void IngestStage::end_of_partition(PartitionHandle partition, std::int64_t next_offset) {
  const auto found = inputs_.find(partition);
  if (found == inputs_.end() || !found->second.delivers()) return;
  InputPartition& input = found->second;
  input.is_at_end = true;
  input.next = std::max(input.next, next_offset);
  // Control records and aborted ones take offsets: what was to come before here is not there.
  if (next_offset >= input.live_from) become_live(input);
}

// ---- Batches and epochs.

void IngestStage::hand_over(InputPartition& input) {
  const std::uint64_t unknown = input.decoder->unknown_fields();
  input.open->unknown_fields = unknown - std::exchange(input.unknown_fields, unknown);
  lanes_.send(input.worker, std::exchange(input.open, nullptr));
}

void IngestStage::hand_over_all() {
  for (const PartitionHandle handle : dirty_) {
    const auto found = inputs_.find(handle);
    if (found != inputs_.end() && found->second.open != nullptr) hand_over(found->second);
  }
  dirty_.clear();
}

bool IngestStage::is_cut_due(std::int64_t now_ns) const {
  if (epoch_records_ == 0) return false;
  return now_ns - epoch_begun_ns_ >= context_.settings.epoch_ms * kMillisecond ||
         context_.cut_wanted.load(std::memory_order_relaxed);
}

/// An epoch of state alone is due: one at a time, because it says that there is more only later.
bool IngestStage::is_state_due(std::int64_t now_ns) {
  // Between two generations nothing can be committed: an epoch would be of the one that has passed.
  if (generation_ == nullptr) return false;
  if (epoch_records_ > 0 || revocation_ || !is_finished(epoch_ - 1)) return false;
  if (!is_stopping_ && now_ns - cut_ns_ < context_.settings.epoch_ms * kMillisecond) return false;
  for (std::size_t w = 0; w < lanes_.size(); ++w)
    if (lanes_.links(w).wants_epoch.load(std::memory_order_acquire)) return true;
  return context_.states != nullptr && snapshots_.next(inputs_, now_ns, is_stopping_) != nullptr;
}

void IngestStage::cut(std::int64_t now_ns) {
  context_.cut_wanted.store(false, std::memory_order_relaxed);
  const bool is_of_state = epoch_records_ == 0;
  if (is_of_state && !is_state_due(now_ns)) return;
  hand_over_all();
  if (!revocation_) begin_snapshot(now_ns);
  for (std::size_t w = 0; w < lanes_.size(); ++w) {
    Batch* barrier = lanes_.take(w);
    barrier->reset(Batch::Kind::barrier, 0, 0, 0);
    barrier->epoch = epoch_;
    lanes_.send(w, barrier);
  }
  context_.emit.order({.epoch = epoch_,
                       .generation = generation_,
                       .begun_ns = is_of_state ? now_ns : epoch_begun_ns_});
  if (!is_of_state) last_input_epoch_ = epoch_;
  ++epoch_;
  epoch_records_ = 0;
  epoch_begun_ns_ = cut_ns_ = now_ns;
}

/// Before a barrier, so that a snapshot is of the state between two epochs.
void IngestStage::begin_snapshot(std::int64_t now_ns) {
  if (context_.states == nullptr) return;
  InputPartition* input = snapshots_.next(inputs_, now_ns, is_stopping_);
  if (input == nullptr) return;
  snapshots_.begun(*input, now_ns);
  Batch* batch = lanes_.take(input->worker);
  batch->reset(Batch::Kind::cut, input->place.handle, 0, 0);
  input->decoder->save(batch->text);
  lanes_.send(input->worker, batch);
}

void IngestStage::stop() {
  is_stopping_ = true;
  for (std::size_t w = 0; w < lanes_.size(); ++w)
    lanes_.links(w).is_ending.store(true, std::memory_order_release);
}

bool IngestStage::is_input_committed() const {
  return epoch_records_ == 0 && is_finished(last_input_epoch_);
}

bool IngestStage::has_unsaved_state() const {
  if (context_.states == nullptr) return false;
  return snapshots_.is_under_way() ||
         std::any_of(inputs_.begin(), inputs_.end(), [](const auto& entry) {
           return entry.second.sequence != entry.second.sequence_at_cut;
         });
}

/// One snapshot after another, and an epoch for each step of it; the last mark names the last.
void IngestStage::finish_stop(std::int64_t now_ns) {
  cut(now_ns);
  if (has_generation_passed()) {
    // The next start replays what this one could not commit.
    discard_through(epoch_ - 1);
    snapshots_.give_up();
  }
  if (!lanes_.push_pending() || !is_drained()) return;
  if (context_.states != nullptr && generation_ != nullptr && !snapshots_.has_given_up()) {
    begin_snapshot(now_ns);
    if (snapshots_.is_under_way()) return;
  }
  is_stopped_ = true;
}

void IngestStage::pause_or_resume(std::int64_t now_ns) {
  is_blocked_ = lanes_.is_blocked();
  if (!is_blocked_) blocked_since_ns_ = -1;
  if (is_blocked_ && blocked_since_ns_ < 0) blocked_since_ns_ = now_ns;
  const bool should_pause = is_blocked_ && now_ns - blocked_since_ns_ >= kPauseAfterNs;
  if (should_pause == is_paused_ || (is_paused_ && is_blocked_)) return;
  std::vector<PartitionHandle> started;
  for (const auto& [handle, input] : inputs_)
    if (input.delivers()) started.push_back(handle);
  if (should_pause)
    context_.reader.pause(started);
  else
    context_.reader.resume(started);
  is_paused_ = should_pause;
  context_.counters.paused.set(is_paused_ ? 1 : 0);
  if (is_paused_) context_.counters.pauses.add();
}

bool IngestStage::is_drained() const {
  const bool are_at_end = std::all_of(inputs_.begin(), inputs_.end(), [](const auto& entry) {
    return entry.second.phase == InputPartition::Phase::live && entry.second.is_at_end;
  });
  return (are_at_end || is_stopping_) && epoch_records_ == 0 && !revocation_ &&
         is_finished(epoch_ - 1);
}

std::optional<std::int64_t> IngestStage::cut_due_in(std::int64_t now_ns) const {
  if (epoch_records_ == 0) return std::nullopt;
  return std::max<std::int64_t>(
      0, epoch_begun_ns_ + context_.settings.epoch_ms * kMillisecond - now_ns);
}

/// What somebody may look at, and what has no hurry.
void IngestStage::publish(std::int64_t now_ns) {
  if (now_ns - published_ns_ < kPublishEveryNs) return;
  published_ns_ = now_ns;
  // It goes on with its trimming in `poll`, which nobody calls while nothing is read.
  if (context_.states != nullptr && !starter_.is_reading())
    (void)context_.states->poll(starter_, 0);
  context_.counters.restoring.set(static_cast<std::uint64_t>(std::count_if(
      inputs_.begin(), inputs_.end(),
      [](const auto& entry) { return entry.second.phase != InputPartition::Phase::live; })));
  for (const auto& [handle, input] : inputs_) {
    if (!input.delivers()) continue;
    // At the end only markers are behind the last record, and nobody waits for those.
    const auto high = input.is_at_end ? input.data_next : context_.reader.last_high(handle);
    if (high) context_.counters.set_high(input.place.topic, input.place.partition, *high);
  }
}

}  // namespace tocsin
