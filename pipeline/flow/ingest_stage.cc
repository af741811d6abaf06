#include "pipeline/flow/ingest_stage.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace tocsin {
namespace {

constexpr std::int64_t kMillisecond = 1'000'000;
constexpr std::int64_t kPauseAfterNs = 500 * kMillisecond;
constexpr std::int64_t kHighsEveryNs = 1'000 * kMillisecond;
constexpr std::int64_t kStartAgainNs = 1'000 * kMillisecond;
/// Records read in one step: a few batches, so that epochs are cut and the group served in time.
constexpr std::size_t kRecordsPerStep = 4 * Batch::kRowsMax;

}  // namespace

IngestStage::IngestStage(IngestContext context)
    : context_(context), matcher_(context.streams), lanes_(context.workers.size()) {}

IngestStage::~IngestStage() = default;

Step IngestStage::fail(std::string why) {
  failure_ = std::move(why);
  return Step::failed;
}

Step IngestStage::step(std::int64_t now_ns) {
  now_ns_ = now_ns;
  if (is_stopped_) return Step::idle;
  settle();
  push_pending();
  bool has_moved = false;
  pause_or_resume(now_ns);
  if (has_unstarted_ && !is_stopping_)
    if (Result<void> started = start_waiting(); !started) return fail(started.error().message);
  if (revocation_) {
    serve_revocation(now_ns);
  } else if (is_stopping_) {
    cut(now_ns);
    is_stopped_ = push_pending() && is_drained();
  } else if (!is_blocked_ || is_paused_) {
    const Result<std::size_t> read = context_.reader.poll(*this, kRecordsPerStep);
    if (!read) return fail(read.error().message);
    has_moved = *read > 0;
    hand_over_all();
  }
  if (is_cut_due(now_ns)) cut(now_ns);
  publish_highs(now_ns);
  return has_moved ? Step::worked : Step::idle;
}

// ---- Assignments.

void IngestStage::assigned(std::span<const Assignment> partitions, GenerationRef generation) {
  generation_ = std::move(generation);
  context_.counters.rebalances.add();
  for (const Assignment& place : partitions) {
    const std::optional<std::size_t> stream = matcher_.match(place.topic);
    if (!stream) continue;  // Not ours to read: it stays paused.
    Input input;
    input.place = place;
    input.stream = *stream;
    const auto least =
        std::min_element(lanes_.begin(), lanes_.end(),
                         [](const Lane& a, const Lane& b) { return a.partitions < b.partitions; });
    ++least->partitions;
    input.worker = static_cast<std::size_t>(least - lanes_.begin());
    inputs_[place.handle] = std::move(input);
  }
  has_unstarted_ = !inputs_.empty();
  context_.counters.assigned_partitions.set(inputs_.size());
}

/// Tries partitions until one cannot be had yet: that one waits, so that a partition without a
/// leader delays the others by one question only.
Result<void> IngestStage::start_waiting() {
  has_unstarted_ = false;
  bool has_failed = false;
  for (auto& [handle, input] : inputs_) {
    if (input.is_started) continue;
    has_unstarted_ = true;
    if (has_failed || now_ns_ < input.start_after_ns) continue;
    Result<void> started = start(input);
    if (!started) return started;
    has_failed = !input.is_started;
    if (has_failed) input.start_after_ns = now_ns_ + kStartAgainNs;
  }
  return {};
}

Result<void> IngestStage::start(Input& input) {
  LogReader& reader = context_.reader;
  const auto committed = reader.committed(input.place.handle);
  if (!committed) {
    context_.observer.waiting(committed.error().message);
    return {};
  }
  const auto marks = reader.watermarks(input.place.handle);
  if (!marks) {
    context_.observer.waiting(marks.error().message);
    return {};
  }
  const std::string place = input.place.topic + "/" + std::to_string(input.place.partition);
  if (*committed && (*committed)->offset > marks->high)
    return Error{place + ": the group's offset " + std::to_string((*committed)->offset) +
                 " lies beyond the end of the partition, " + std::to_string(marks->high) +
                 ": the topic was recreated; reset the group's offsets to go on"};
  std::int64_t start = marks->low;
  if (*committed && context_.settings.rebuild == Rebuild::nothing)
    start = std::max(start, (*committed)->offset);
  if (*committed && (*committed)->offset < marks->low)
    context_.observer.records_missing(input.place.topic, input.place.partition,
                                      (*committed)->offset, marks->low);
  begin_at(input, start, *committed);
  Result<void> started = reader.start(input.place.handle, start);
  // Everything else is paused: this one is, too.
  if (started && is_paused_) reader.pause(std::span(&input.place.handle, 1));
  return started;
}

void IngestStage::begin_at(Input& input, std::int64_t start,
                           const std::optional<CommittedOffset>& committed) {
  input.is_started = true;
  input.next = start;
  input.live_from = committed ? std::max(start, committed->offset) : start;
  input.data_next = input.live_from;
  context_.counters.set_committed(input.place.topic, input.place.partition, input.live_from, -1);
  input.decoder = std::make_unique<Decoder>(context_.streams[input.stream], input.place.partition,
                                            json_reader_, context_.keep_events);
  context_.observer.partition_began({.topic = input.place.topic,
                                     .partition = input.place.partition,
                                     .start = start,
                                     .live_from = input.live_from,
                                     .has_committed = committed.has_value()});
  Batch* batch = take_batch(input.worker);
  batch->reset(Batch::Kind::open, input.place.handle, 0, 0);
  batch->topic = input.place.topic;
  batch->number = input.place.partition;
  batch->stream = input.stream;
  batch->start_offset = start;
  batch->is_silent = input.live_from > start;
  send(input.worker, batch);
}

void IngestStage::revoked(std::span<const PartitionHandle> partitions, Revocation why) {
  context_.observer.partitions_revoked(partitions.size(), why == Revocation::lost);
  context_.counters.rebalances.add();
  revocation_ = why;
  revocation_deadline_ns_ = now_ns_ + context_.settings.drain_timeout_ms * kMillisecond;
  revocation_epoch_ = epoch_records_ > 0 ? epoch_ : epoch_ - 1;
  if (why == Revocation::lost)
    context_.emit.discard_through.store(revocation_epoch_, std::memory_order_release);
  hand_over_all();
  cut(now_ns_);
}

void IngestStage::serve_revocation(std::int64_t now_ns) {
  // Late: nothing more of it may be begun. What is being committed this moment is either fenced,
  // or seen by the next owner, who waits for stable offsets.
  const bool is_late = now_ns >= revocation_deadline_ns_;
  if (is_late) context_.emit.discard_through.store(revocation_epoch_, std::memory_order_release);
  const std::uint64_t finished = context_.emit.finished_epoch.load(std::memory_order_acquire);
  if (finished < revocation_epoch_ && !is_late) return;
  close_all();
  revocation_.reset();
  context_.reader.release();
}

void IngestStage::close_all() {
  for (auto& [handle, input] : inputs_) {
    if (!input.is_started) continue;
    Batch* batch = take_batch(input.worker);
    batch->reset(Batch::Kind::close, handle, 0, 0);
    send(input.worker, batch);
    context_.counters.forget(input.place.topic, input.place.partition);
  }
  inputs_.clear();
  is_paused_ = false;
  context_.counters.paused.set(0);
  for (Lane& lane : lanes_) lane.partitions = 0;
  has_unstarted_ = false;
  context_.counters.assigned_partitions.set(0);
}

/// Answers the emit stage, whose commit may or may not have happened.
void IngestStage::settle() {
  const std::optional<SettlementQuestion> question = context_.emit.question();
  if (!question || inputs_.count(question->partition) == 0) return;
  const auto committed = context_.reader.committed(question->partition);
  if (!committed) return;  // Asked again in the next step.
  context_.emit.answer(*committed && (*committed)->offset >= question->next_offset);
}

// ---- Records.

void IngestStage::record(const ReadRecord& record) {
  const auto found = inputs_.find(record.partition);
  if (found == inputs_.end()) return;
  Input& input = found->second;
  if (!input.is_started || record.offset < input.next) return;  // Seen already.
  input.next = record.offset + 1;
  input.data_next = std::max(input.data_next, input.next);
  input.is_at_end = false;
  const bool is_silent = record.offset < input.live_from;
  if (input.open != nullptr &&
      (input.open->full() || input.open->rows.size() >= context_.settings.batch_rows_max ||
       input.open->is_silent != is_silent))
    hand_over(input);
  if (input.open == nullptr) {
    input.open = take_batch(input.worker);
    input.open->reset(Batch::Kind::rows, record.partition, input.decoder->width(),
                      input.decoder->group_width());
    input.open->is_silent = is_silent;
    dirty_.push_back(record.partition);
  }
  input.decoder->decode(record, *input.open);
  if (is_silent) {
    if (input.next >= input.live_from)
      context_.observer.partition_live(input.place.topic, input.place.partition);
    return;
  }
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

void IngestStage::end_of_partition(PartitionHandle partition, std::int64_t next_offset) {
  const auto found = inputs_.find(partition);
  if (found == inputs_.end()) return;
  Input& input = found->second;
  input.is_at_end = true;
  // Control records and aborted ones take offsets: what was to come before here is not there.
  if (input.next < input.live_from && next_offset >= input.live_from)
    context_.observer.partition_live(input.place.topic, input.place.partition);
  input.next = std::max(input.next, next_offset);
}

// ---- Batches and epochs.

Batch* IngestStage::take_batch(std::size_t worker) {
  Batch* batch = nullptr;
  if (context_.workers[worker]->returned_batches.pop(batch)) return batch;
  Lane& lane = lanes_[worker];
  lane.batches.push_back(std::make_unique<Batch>());
  return lane.batches.back().get();
}

void IngestStage::hand_over(Input& input) {
  const std::uint64_t unknown = input.decoder->unknown_fields();
  input.open->unknown_fields = unknown - std::exchange(input.unknown_fields, unknown);
  send(input.worker, std::exchange(input.open, nullptr));
}

void IngestStage::hand_over_all() {
  for (const PartitionHandle handle : dirty_) {
    const auto found = inputs_.find(handle);
    if (found != inputs_.end() && found->second.open != nullptr) hand_over(found->second);
  }
  dirty_.clear();
}

void IngestStage::send(std::size_t worker, Batch* batch) {
  lanes_[worker].pending.push_back(batch);
  push_pending();
}

/// True when nothing is left to push.
bool IngestStage::push_pending() {
  bool is_empty = true;
  for (std::size_t w = 0; w < lanes_.size(); ++w) {
    auto& pending = lanes_[w].pending;
    WorkerLinks& links = *context_.workers[w];
    const bool had_some = !pending.empty();
    while (!pending.empty() && links.inbox.size() < context_.settings.ring_batches &&
           links.inbox.push(pending.front()))
      pending.pop_front();
    if (had_some) links.bell.ring();
    is_empty = is_empty && pending.empty();
  }
  return is_empty;
}

bool IngestStage::is_cut_due(std::int64_t now_ns) const {
  if (epoch_records_ == 0) return false;
  return now_ns - epoch_begun_ns_ >= context_.settings.epoch_ms * kMillisecond ||
         context_.cut_wanted.load(std::memory_order_relaxed);
}

void IngestStage::cut(std::int64_t now_ns) {
  context_.cut_wanted.store(false, std::memory_order_relaxed);
  if (epoch_records_ == 0) return;
  hand_over_all();
  for (std::size_t w = 0; w < lanes_.size(); ++w) {
    Batch* barrier = take_batch(w);
    barrier->reset(Batch::Kind::barrier, 0, 0, 0);
    barrier->epoch = epoch_;
    send(w, barrier);
  }
  context_.emit.order({.epoch = epoch_, .generation = generation_, .begun_ns = epoch_begun_ns_});
  ++epoch_;
  epoch_records_ = 0;
  epoch_begun_ns_ = now_ns;
}

void IngestStage::pause_or_resume(std::int64_t now_ns) {
  is_blocked_ = std::any_of(lanes_.begin(), lanes_.end(),
                            [](const Lane& lane) { return !lane.pending.empty(); });
  if (!is_blocked_) blocked_since_ns_ = -1;
  if (is_blocked_ && blocked_since_ns_ < 0) blocked_since_ns_ = now_ns;
  const bool should_pause = is_blocked_ && now_ns - blocked_since_ns_ >= kPauseAfterNs;
  if (should_pause == is_paused_ || (is_paused_ && is_blocked_)) return;
  std::vector<PartitionHandle> started;
  for (const auto& [handle, input] : inputs_)
    if (input.is_started) started.push_back(handle);
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
    return entry.second.is_started && entry.second.is_at_end;
  });
  return (are_at_end || is_stopping_) && epoch_records_ == 0 && !revocation_ &&
         context_.emit.finished_epoch.load(std::memory_order_acquire) == epoch_ - 1;
}

std::optional<std::int64_t> IngestStage::cut_due_in(std::int64_t now_ns) const {
  if (epoch_records_ == 0) return std::nullopt;
  return std::max<std::int64_t>(
      0, epoch_begun_ns_ + context_.settings.epoch_ms * kMillisecond - now_ns);
}

void IngestStage::publish_highs(std::int64_t now_ns) {
  if (now_ns - highs_published_ns_ < kHighsEveryNs) return;
  highs_published_ns_ = now_ns;
  for (const auto& [handle, input] : inputs_) {
    if (!input.is_started) continue;
    // At the end only markers are behind the last record, and nobody waits for those.
    const auto high = input.is_at_end ? input.data_next : context_.reader.last_high(handle);
    if (high) context_.counters.set_high(input.place.topic, input.place.partition, *high);
  }
}

}  // namespace tocsin
