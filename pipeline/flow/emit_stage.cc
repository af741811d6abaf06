#include "pipeline/flow/emit_stage.h"

#include <algorithm>
#include <utility>

#include "pipeline/output/substitute.h"

namespace tocsin {
namespace {

constexpr std::int64_t kMillisecond = 1'000'000;
/// About 5 s of calls that wait 100 ms each.
constexpr int kRetriesWorthAWord = 50;
constexpr std::int64_t kRetryAfterNs = 5 * kMillisecond;
constexpr std::int64_t kMinute = 60'000 * kMillisecond;

/// 20 ms, doubling to about a second.
std::int64_t back_off_ns(int failures) { return (20 * kMillisecond) << std::min(failures, 6); }

}  // namespace

EmitStage::EmitStage(EmitContext context)
    : context_(context), parts_(context.workers.size(), nullptr) {}

Step EmitStage::step(std::int64_t now_ns) {
  if (now_ns < not_before_ns_) return Step::idle;
  if (is_discarded() && (phase_ == Phase::producing || phase_ == Phase::flushing))
    return start_abort();
  switch (phase_) {
    case Phase::proving:
      return prove();
    case Phase::opening:
      return open(now_ns);
    case Phase::settling:
      return settle();
    case Phase::gathering:
      return gather();
    case Phase::beginning:
      return begin(now_ns);
    case Phase::producing:
      return produce(now_ns);
    case Phase::flushing:
      return flushed(context_.writer.flush(), now_ns);
    case Phase::offsets:
      if (is_discarded()) return start_abort();
      return advance(context_.writer.send_offsets(offsets_, order_->generation), "send offsets",
                     Phase::committing, now_ns);
    case Phase::committing: {
      const WriteOutcome outcome = context_.writer.commit();
      // Only an abort that succeeds, or the committed offset, tells that it has not happened.
      is_outcome_unknown_ = outcome.status != WriteStatus::ok;
      if (outcome.status != WriteStatus::ok) return trouble(outcome, "commit", now_ns);
      finish(true);
      return Step::worked;
    }
    case Phase::aborting: {
      const WriteOutcome outcome = context_.writer.abort();
      if (outcome.status == WriteStatus::ok) is_outcome_unknown_ = false;
      return advance(outcome, "abort", Phase::beginning, now_ns);
    }
  }
  return Step::idle;
}

Step EmitStage::prove() {
  if (context_.links.wants_proof_of_membership.load(std::memory_order_acquire)) return Step::idle;
  phase_ = Phase::opening;
  return Step::worked;
}

Step EmitStage::open(std::int64_t now_ns) {
  const WriteOutcome outcome = context_.writer.open();
  if (outcome.status == WriteStatus::ok) context_.observer.producer_opened();
  Phase next = order_ ? Phase::beginning : Phase::gathering;
  if (is_outcome_unknown_) next = Phase::settling;
  return advance(outcome, "init_transactions", next, now_ns);
}

bool EmitStage::is_discarded() const {
  return order_ && order_->epoch <= context_.links.discard_through.load(std::memory_order_acquire);
}

/// Whether the epoch in hand can never be committed: its generation has passed.
bool EmitStage::has_passed() const {
  return order_ && order_->epoch <= context_.links.passed_epoch.load(std::memory_order_relaxed);
}

void EmitStage::note_passed() {
  context_.links.passed_epoch.store(order_->epoch, std::memory_order_release);
  context_.links.ingest_bell.ring();
}

Step EmitStage::begin(std::int64_t now_ns) {
  if (is_discarded()) {
    finish(false);
    return Step::worked;
  }
  if (has_passed()) return Step::idle;
  transaction_begun_ns_ = now_ns;
  part_at_ = record_at_ = 0;
  return advance(context_.writer.begin(), "begin", Phase::producing, now_ns);
}

Step EmitStage::gather() {
  if (!order_) order_ = context_.links.take_order();
  if (!order_) return Step::idle;
  bool is_whole = true;
  for (std::size_t w = 0; w < parts_.size(); ++w) {
    if (parts_[w] == nullptr && !context_.workers[w]->finished_parts.pop(parts_[w]))
      is_whole = false;
  }
  if (!is_whole) return Step::idle;
  collect_offsets();
  if (offsets_.empty() || is_discarded())
    finish(false);
  else
    phase_ = Phase::beginning;
  return Step::worked;
}

void EmitStage::collect_offsets() {
  offsets_.clear();
  for (const EpochPart* part : parts_)
    for (std::size_t c = 0; c < part->cut_count; ++c)
      offsets_.push_back({.topic = part->cuts[c].topic,
                          .partition = part->cuts[c].partition,
                          .next_offset = part->cuts[c].next_offset,
                          .metadata = part->cuts[c].metadata});
  state_records_.clear();
  for (const EpochPart* part : parts_)
    for (const StateWrite& write : part->state)
      state_records_.push_back({.partition = write.partition,
                                .value = write.value,
                                .topic_name = write.topic,
                                .wants_place = true});
}

/// What is written of an epoch: each part's outputs, then all state.
std::span<const WriteRecord> EmitStage::records_of(std::size_t part) const {
  if (part < parts_.size()) return parts_[part]->output.records();
  return state_records_;
}

Step EmitStage::produce(std::int64_t now_ns) {
  while (part_at_ <= parts_.size()) {
    const std::span<const WriteRecord> rest = records_of(part_at_).subspan(record_at_);
    if (rest.empty()) {
      ++part_at_;
      record_at_ = 0;
      continue;
    }
    const std::size_t taken = context_.writer.produce(rest);
    record_at_ += taken;
    if (taken < rest.size()) {
      // Full, or the producer is no longer usable: flushing makes room, or says why not.
      const WriteOutcome outcome = context_.writer.flush();
      if (outcome.status == WriteStatus::ok) return Step::worked;
      return trouble(outcome, "produce", now_ns);
    }
  }
  phase_ = Phase::flushing;
  return Step::worked;
}

Step EmitStage::start_abort() {
  context_.counters.aborts.add();
  phase_ = Phase::aborting;
  return Step::worked;
}

Step EmitStage::flushed(const WriteOutcome& outcome, std::int64_t now_ns) {
  if (outcome.status != WriteStatus::ok) return trouble(outcome, "flush", now_ns);
  if (context_.writer.refused().empty()) {
    note_places();
    phase_ = Phase::offsets;
    return Step::worked;
  }
  if (refuses_state()) return Step::failed;
  substitute_refused();
  return start_abort();
}

/// Where the state went, for whoever names it. Known before the commit, whose outcome may not be.
void EmitStage::note_places() {
  std::size_t before = 0;
  for (const EpochPart* part : parts_) before += part->output.records().size();
  std::size_t part_first = before;
  auto part = parts_.begin();
  for (const PlacedRecord& placed : context_.writer.placed()) {
    if (placed.index < before) continue;
    while (placed.index - part_first >= (*part)->state.size())
      part_first += (*part++)->state.size();
    (*part)->state[placed.index - part_first].offset = placed.offset;
  }
}

/// Nothing can stand in for a piece of state.
bool EmitStage::refuses_state() {
  std::size_t outputs = 0;
  for (const EpochPart* part : parts_) outputs += part->output.records().size();
  for (const RefusedRecord& refused : context_.writer.refused()) {
    if (refused.index < outputs) continue;
    const StateWrite* write = nullptr;
    std::size_t index = refused.index - outputs;
    for (const EpochPart* part : parts_) {
      if (index < part->state.size()) {
        write = &part->state[index];
        break;
      }
      index -= part->state.size();
    }
    failure_ = "state topic " + write->topic + " refuses a record of " +
               std::to_string(write->value.size()) + " bytes: " + refused.reason;
    return true;
  }
  return false;
}

void EmitStage::substitute_refused() {
  for (const RefusedRecord& refused : context_.writer.refused()) {
    std::size_t index = refused.index;
    for (EpochPart* part : parts_) {
      if (index < part->output.records().size()) {
        part->output.replace(
            index, make_substitute(part->output.records()[index], refused.reason, part->output));
        break;
      }
      index -= part->output.records().size();
    }
    context_.counters.refused_records.add();
    context_.observer.record_refused(refused.reason);
  }
}

Step EmitStage::advance(const WriteOutcome& outcome, const char* what, Phase next,
                        std::int64_t now_ns) {
  if (outcome.status != WriteStatus::ok) return trouble(outcome, what, now_ns);
  phase_ = next;
  retries_in_a_row_ = 0;
  if (next == Phase::settling) {
    is_outcome_unknown_ = false;
    ask_what_is_committed();
  }
  return Step::worked;
}

void EmitStage::ask_what_is_committed() {
  for (const EpochPart* part : parts_) {
    if (part->cut_count == 0) continue;
    const PartitionCut& cut = part->cuts[0];
    context_.links.ask({cut.handle, cut.next_offset, cut.metadata});
    return;  // One tells for all: they are one transaction.
  }
}

Step EmitStage::trouble(const WriteOutcome& outcome, const char* what, std::int64_t now_ns) {
  // A retry is how a call says that it is not done yet; only many of them are worth a word.
  retries_in_a_row_ = outcome.status == WriteStatus::retry ? retries_in_a_row_ + 1 : 0;
  if (outcome.status != WriteStatus::retry || retries_in_a_row_ % kRetriesWorthAWord == 0)
    context_.observer.transaction_trouble(what, outcome.reason);
  switch (outcome.status) {
    case WriteStatus::ok:
      return Step::worked;
    case WriteStatus::retry:
      // A call that has waited is made again at once; one that failed at once is not.
      not_before_ns_ = now_ns + kRetryAfterNs;
      return Step::idle;
    case WriteStatus::resend:
      if (outcome.cause == WriteCause::passed) note_passed();
      start_abort();
      break;
    case WriteStatus::reopen:
      if (is_fenced_again(outcome, now_ns)) {
        failure_ = std::string(what) + ": " + outcome.reason +
                   "; this is the second time within a minute: does another instance run with the "
                   "same app and instance name?";
        return Step::failed;
      }
      context_.counters.reopens.add();
      context_.links.wants_proof_of_membership.store(true, std::memory_order_release);
      context_.links.ingest_bell.ring();
      phase_ = Phase::proving;
      break;
    case WriteStatus::stop:
      failure_ = std::string(what) + ": " + outcome.reason;
      return Step::failed;
  }
  not_before_ns_ = now_ns + back_off_ns(failures_in_a_row_++);
  return Step::idle;
}

/// Fenced twice within a minute: somebody else runs under our name. One of us must go.
bool EmitStage::is_fenced_again(const WriteOutcome& outcome, std::int64_t now_ns) {
  if (outcome.cause != WriteCause::fenced) return false;
  const std::int64_t before_ns = std::exchange(fenced_ns_, now_ns);
  return before_ns >= 0 && now_ns - before_ns < kMinute;
}

Step EmitStage::settle() {
  if (is_discarded()) {
    finish(false);
    return Step::worked;
  }
  const std::optional<bool> is_committed = context_.links.take_answer();
  if (!is_committed) return Step::idle;
  if (*is_committed)
    finish(true);
  else
    phase_ = Phase::beginning;
  return Step::worked;
}

void EmitStage::count_commit() {
  FlowCounters& counters = context_.counters;
  counters.commits.add();
  counters.state_records.add(state_records_.size());
  for (const WriteRecord& record : state_records_) counters.state_bytes.add(record.value.size());
  if (context_.wall_clock_ms != nullptr)
    counters.last_commit_ms.set(static_cast<std::uint64_t>(context_.wall_clock_ms()));
  if (context_.stopwatch != nullptr) {
    const auto end_ns = static_cast<std::int64_t>(context_.stopwatch());
    counters.transaction_seconds.observe(static_cast<double>(end_ns - transaction_begun_ns_) *
                                         1e-9);
    counters.epoch_seconds.observe(static_cast<double>(end_ns - order_->begun_ns) * 1e-9);
  }
  for (const EpochPart* part : parts_) {
    counters.records_written.add(part->output.records().size());
    counters.bytes_written.add(part->output.bytes());
    for (std::size_t c = 0; c < part->cut_count; ++c) {
      const PartitionCut& cut = part->cuts[c];
      counters.set_committed(cut.topic, cut.partition, cut.next_offset, cut.event_time_ms);
      if (cut.trim_before >= 0) context_.links.trim({cut.topic, cut.partition, cut.trim_before});
    }
  }
}

void EmitStage::finish(bool is_committed) {
  if (is_committed) count_commit();
  failures_in_a_row_ = 0;
  for (std::size_t w = 0; w < parts_.size(); ++w) {
    EpochPart* part = std::exchange(parts_[w], nullptr);
    if (part == nullptr) continue;
    part->is_committed = is_committed;
    context_.workers[w]->free_parts.push(part);
    context_.workers[w]->bell.ring();
  }
  context_.links.finished_epoch.store(order_->epoch, std::memory_order_release);
  order_.reset();
  phase_ = Phase::gathering;
  context_.links.ingest_bell.ring();
}

}  // namespace tocsin
