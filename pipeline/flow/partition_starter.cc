#include "pipeline/flow/partition_starter.h"

#include <algorithm>
#include <utility>

#include "pipeline/flow/start_rules.h"

namespace tocsin {
namespace {

constexpr std::int64_t kMillisecond = 1'000'000;
constexpr std::int64_t kStartAgainNs = 1'000 * kMillisecond;
constexpr std::size_t kStateBytesPerStep = 4U << 20U;

std::optional<PartitionMark> mark_of(const InputPartition& input) {
  if (!input.committed) return std::nullopt;
  return PartitionMark::parse(input.committed->metadata);
}

}  // namespace

std::string state_topic_of(const std::string& app, const std::string& input_topic) {
  return app + "-state-" + input_topic;
}

Result<void> PartitionStarter::step(std::map<PartitionHandle, InputPartition>& inputs,
                                    std::int64_t now_ns) {
  if (Result<void> begun = begin_waiting(inputs, now_ns); !begun) return begun;
  if (Result<void> polled = poll_states(); !polled) return polled;
  for (auto& [handle, input] : inputs) {
    if (input.phase != InputPartition::Phase::restoring) continue;
    if (Result<void> went_on = go_on_restoring(input); !went_on) return went_on;
  }
  return {};
}

/// Tries partitions until one cannot be had yet: that one waits, so that a partition without a
/// leader delays the others by one question only.
Result<void> PartitionStarter::begin_waiting(std::map<PartitionHandle, InputPartition>& inputs,
                                             std::int64_t now_ns) {
  for (auto& [handle, input] : inputs) {
    if (input.phase != InputPartition::Phase::waiting || now_ns < input.start_after_ns) continue;
    if (Result<void> begun = begin(input); !begun) return begun;
    if (input.phase != InputPartition::Phase::waiting) continue;
    input.start_after_ns = now_ns + kStartAgainNs;
    break;
  }
  return {};
}

Result<void> PartitionStarter::poll_states() {
  if (readings_.empty() || context_.lanes.is_blocked()) return {};
  const Result<std::size_t> polled = context_.states->poll(*this, kStateBytesPerStep);
  if (!polled) return polled.error();
  const std::string why = *polled == 0 ? context_.states->waiting_for() : "";
  if (!why.empty()) context_.observer.waiting(why);
  return {};
}

void PartitionStarter::forget(InputPartition& input) {
  if (input.phase != InputPartition::Phase::restoring) return;
  context_.states->end(input.reading);
  readings_.erase(input.reading);
}

// ---- The committed offset.

Result<void> PartitionStarter::begin(InputPartition& input) {
  auto committed = context_.reader.committed(input.place.handle);
  if (!committed) {
    context_.observer.waiting(committed.error().message);
    return {};
  }
  const bool is_as_before = *committed == input.committed;
  input.committed = *std::move(committed);
  const auto mark = mark_of(input);
  if (input.kept) {
    if (is_ours(input, is_as_before)) return resume(input);
    Batch* batch = context_.lanes.take(input.worker);
    batch->reset(Batch::Kind::close, *input.kept, 0, 0);
    context_.lanes.send(input.worker, batch);
    input.kept.reset();
    input.is_open = false;
  }
  if (context_.states == nullptr) {
    open(input);
    return start_input(input);
  }
  const Result<CommittedWords> words = read_words(input.committed);
  if (!words) return Error{input.name() + ": " + words.error().message};
  const bool is_new = words->begins_lineage || begins_lineage(input);
  open(input);
  const Chain chain = context_.settings.is_exact ? Chain::exact : Chain::loose;
  // Without a mark there must be no state either; reading proves it.
  restore(input, mark.value_or(PartitionMark{}), is_new ? Chain::none : chain);
  return {};
}

/// Whether the operator said where it begins, whatever state there is.
bool PartitionStarter::begins_lineage(const InputPartition& input) const {
  return !input.committed &&
         context_.settings.from.count({input.place.topic, input.place.partition}) > 0;
}

/// Whether the state that was kept over a rebalance is what is committed: nobody else has committed
/// since. `is_as_before`: nobody at all has since this instance asked.
bool PartitionStarter::is_ours(const InputPartition& input, bool is_as_before) const {
  const auto mark = mark_of(input);
  if (!mark || input.committed->offset > input.next) return false;
  if (is_as_before) return input.sequence == input.sequence_at_start;
  return mark->owner == context_.settings.owner && mark->sequence == input.sequence;
}

Result<void> PartitionStarter::resume(InputPartition& input) {
  Batch* batch = context_.lanes.take(input.worker);
  batch->reset(Batch::Kind::rebind, input.place.handle, 0, 0);
  batch->previous = *std::exchange(input.kept, std::nullopt);
  context_.lanes.send(input.worker, batch);
  input.phase = InputPartition::Phase::live;
  input.sequence_at_start = input.sequence;
  input.is_at_end = false;
  context_.counters.set_committed(input.place.topic, input.place.partition, input.committed->offset,
                                  -1);
  context_.observer.partition_kept(input.place.topic, input.place.partition);
  return context_.reader.start(input.place.handle, input.next);
}

// ---- The saved state.

void PartitionStarter::open(InputPartition& input) {
  if (std::exchange(input.is_open, true)) return;
  Batch* batch = context_.lanes.take(input.worker);
  batch->reset(Batch::Kind::open, input.place.handle, 0, 0);
  batch->topic = input.place.topic;
  batch->number = input.place.partition;
  batch->stream = input.stream;
  context_.lanes.send(input.worker, batch);
}

void PartitionStarter::restore(InputPartition& input, PartitionMark mark, Chain chain) {
  input.restoration.emplace(std::move(mark), chain);
  input.phase = InputPartition::Phase::restoring;
  read(input);
}

void PartitionStarter::read(InputPartition& input) {
  const std::string topic = state_topic_of(context_.settings.app, input.place.topic);
  input.reading = context_.states->begin(
      {.topic = topic, .input = input.place.topic, .partition = input.place.partition},
      input.restoration->read_from());
  readings_[input.reading] = &input;
}

InputPartition* PartitionStarter::reading(StateReading reading) {
  const auto found = readings_.find(reading);
  return found == readings_.end() ? nullptr : found->second;
}

void PartitionStarter::state_watermark(StateReading reading, std::int64_t high) {
  if (InputPartition* input = this->reading(reading)) input->restoration->watermark(high);
}

void PartitionStarter::state_end(StateReading reading, std::int64_t next_offset) {
  if (InputPartition* input = this->reading(reading)) input->restoration->end(next_offset);
}

void PartitionStarter::state_record(StateReading reading, std::int64_t offset,
                                    std::string_view value) {
  InputPartition* input = this->reading(reading);
  if (input == nullptr || !input->refusal.empty()) return;
  auto piece = input->restoration->take(offset, value);
  context_.counters.restore_bytes.add(value.size());
  if (!piece) {
    input->refusal = piece.error().message;
    return;
  }
  if (!*piece) return;
  const bool is_head = (*piece)->piece.kind == SnapshotPiece::Kind::head;
  Batch* batch = context_.lanes.take(input->worker);
  batch->reset(Batch::Kind::piece, input->place.handle, 0, 0);
  batch->text = std::move((*piece)->piece.zstd);
  batch->raw_bytes = (*piece)->piece.raw_bytes;
  batch->piece = is_head              ? Batch::Piece::head
                 : (*piece)->is_older ? Batch::Piece::older_chunks
                                      : Batch::Piece::chunks;
  context_.lanes.send(input->worker, batch);
}

Result<void> PartitionStarter::go_on_restoring(InputPartition& input) {
  if (!input.refusal.empty()) return reconsider(input, std::exchange(input.refusal, {}));
  if (!input.restoration->is_read()) return {};
  context_.states->end(input.reading);
  readings_.erase(input.reading);
  const Result<bool> is_next = input.restoration->next_reading();
  if (!is_next) return reconsider(input, is_next.error().message);
  if (*is_next) {
    read(input);
    return {};
  }
  return start_input(input);
}

/// State that does not fit the offset is refused; but it may be of an owner who came after we asked
/// for that. Then all is asked again: if the partition is still ours, it fits.
Result<void> PartitionStarter::reconsider(InputPartition& input, const std::string& refusal) {
  const auto committed = context_.reader.committed(input.place.handle);
  if (committed && *committed == input.committed) return Error{input.name() + ": " + refusal};
  forget(input);
  Batch* batch = context_.lanes.take(input.worker);
  batch->reset(Batch::Kind::close, input.place.handle, 0, 0);
  context_.lanes.send(input.worker, batch);
  input.is_open = false;
  input.restoration.reset();
  input.phase = InputPartition::Phase::waiting;
  return {};
}

// ---- The input.

Result<InputStart> PartitionStarter::input_start(const InputPartition& input,
                                                 const Watermarks& marks) const {
  if (!input.committed) {
    std::int64_t first = marks.low;
    const auto from = context_.settings.from.find({input.place.topic, input.place.partition});
    if (from != context_.settings.from.end())
      first = std::clamp(from->second, marks.low, marks.high);
    return InputStart{.offset = first, .live_from = first};
  }
  const bool keeps_state = context_.states != nullptr;
  const auto mark = keeps_state ? mark_of(input) : std::nullopt;
  auto start = tocsin::input_start(*input.committed, mark, marks, context_.settings.on_gap);
  if (!start) return Error{input.name() + ": " + start.error().message};
  if (!keeps_state && context_.settings.rebuild == Rebuild::from_input) start->offset = marks.low;
  return *start;
}

Result<void> PartitionStarter::start_input(InputPartition& input) {
  const auto marks = context_.reader.watermarks(input.place.handle);
  if (!marks) {
    context_.observer.waiting(marks.error().message);
    return {};
  }
  const Result<InputStart> start = input_start(input, *marks);
  if (!start) return start.error();
  const bool has_committed = input.committed.has_value();
  if (has_committed && input.committed->offset < marks->low)
    context_.observer.records_missing(input.place.topic, input.place.partition,
                                      input.committed->offset, marks->low);
  input.decoder = std::make_unique<Decoder>(context_.streams[input.stream], input.place.partition,
                                            json_reader_, context_.keep_events);
  if (Result<void> restored = restore_decoder(input); !restored) return restored;
  input.start = *start;
  if (start->is_recreated)
    context_.observer.input_recreated(input.place.topic, input.place.partition,
                                      input.committed->offset, start->offset);
  if (start->resumed) tell_gap(input);
  input.phase = InputPartition::Phase::replaying;
  input.next = start->offset;
  input.sequence =
      input.restoration && input.restoration->start() ? input.restoration->start()->sequence : 0;
  input.live_from = start->live_from;
  input.data_next = input.live_from;
  context_.counters.set_committed(input.place.topic, input.place.partition, input.live_from, -1);
  context_.observer.partition_began(
      {.topic = input.place.topic,
       .partition = input.place.partition,
       .start = start->offset,
       .live_from = input.live_from,
       .has_committed = has_committed,
       .state_bytes = input.restoration ? input.restoration->bytes() : 0});
  return context_.reader.start(input.place.handle, start->offset);
}

/// Before the first record, the same in every life: until there is a snapshot of later.
void PartitionStarter::tell_gap(const InputPartition& input) {
  Batch* batch = context_.lanes.take(input.worker);
  batch->reset(Batch::Kind::gap, input.place.handle, 0, 0);
  context_.lanes.send(input.worker, batch);
}

Result<void> PartitionStarter::restore_decoder(InputPartition& input) const {
  if (!input.restoration || !input.restoration->start()) return {};
  const SnapshotStart& start = *input.restoration->start();
  if (start.input_definition != context_.plans[input.stream]->input_definition_hash()) return {};
  Result<void> restored = input.decoder->restore(start.decoder);
  if (!restored) return Error{input.name() + ": " + restored.error().message};
  return {};
}

void PartitionStarter::go_live(InputPartition& input) {
  const bool was_replaying =
      std::exchange(input.phase, InputPartition::Phase::live) == InputPartition::Phase::replaying &&
      input.committed.has_value();
  const auto mark = mark_of(input);
  input.sequence_at_start = input.sequence;
  input.sequence_at_cut = mark && mark->snapshot && mark->since.count == 0 ? input.sequence : 0;
  Batch* batch = context_.lanes.take(input.worker);
  batch->reset(Batch::Kind::live, input.place.handle, 0, 0);
  batch->start_offset = input.live_from;
  batch->resumed_at = input.start.resumed.value_or(-1);
  batch->missing = input.start.missing;
  batch->is_recreated = input.start.is_recreated;
  batch->state_offset = input.restoration ? input.restoration->high() : 0;
  batch->text = input.committed ? input.committed->metadata : "";
  context_.lanes.send(input.worker, batch);
  input.restoration.reset();
  if (was_replaying) context_.observer.partition_live(input.place.topic, input.place.partition);
}

}  // namespace tocsin
