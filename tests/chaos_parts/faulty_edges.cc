#include "tests/chaos_parts/faulty_edges.h"

namespace tocsin {

// ---- What is under way.

bool FaultyObserver::is_replaying() const {
  const std::lock_guard lock(mutex_);
  return !replaying_.empty();
}

bool FaultyObserver::is_in_snapshot() const {
  const std::lock_guard lock(mutex_);
  return !in_snapshot_.empty();
}

void FaultyObserver::partition_began(const Began& began) {
  {
    const std::lock_guard lock(mutex_);
    if (began.live_from > began.start) replaying_.emplace(began.topic, began.partition);
  }
  behind_.partition_began(began);
}

void FaultyObserver::partition_live(std::string_view topic, std::int32_t partition) {
  {
    const std::lock_guard lock(mutex_);
    replaying_.erase({std::string(topic), partition});
  }
  behind_.partition_live(topic, partition);
}

void FaultyObserver::snapshot_begun(std::string_view topic, std::int32_t partition) {
  {
    const std::lock_guard lock(mutex_);
    in_snapshot_.emplace(topic, partition);
  }
  behind_.snapshot_begun(topic, partition);
}

void FaultyObserver::snapshot_named(std::string_view topic, std::int32_t partition,
                                    const SnapshotEnd& sum) {
  {
    const std::lock_guard lock(mutex_);
    in_snapshot_.erase({std::string(topic), partition});
  }
  behind_.snapshot_named(topic, partition, sum);
}

void FaultyObserver::partitions_revoked(std::size_t count, bool are_lost) {
  {
    const std::lock_guard lock(mutex_);
    replaying_.clear();
    in_snapshot_.clear();
  }
  points_.pass(FaultPoint::mid_revoke);
  behind_.partitions_revoked(count, are_lost);
}

// ---- Writing.

template <class Call>
WriteOutcome FaultyWriter::between(FaultPoint before, FaultPoint after, const Call& call) {
  if (!is_under_way_) points_.pass(before);
  WriteOutcome outcome = call();
  is_under_way_ = outcome.status == WriteStatus::retry;
  if (outcome.status == WriteStatus::ok) points_.pass(after);
  return outcome;
}

WriteOutcome FaultyWriter::open() {
  if (std::exchange(is_outcome_unknown_, false)) points_.pass(FaultPoint::before_reopen);
  is_under_way_ = false;
  fate_.reset();
  return behind_.open();
}

WriteOutcome FaultyWriter::begin() {
  if (observer_.is_in_snapshot()) points_.pass(FaultPoint::mid_snapshot);
  is_under_way_ = false;
  fate_.reset();
  return behind_.begin();
}

WriteOutcome FaultyWriter::flush() {
  return between(FaultPoint::before_flush, FaultPoint::after_flush,
                 [this] { return behind_.flush(); });
}

WriteOutcome FaultyWriter::send_offsets(std::span<const OffsetToCommit> offsets,
                                        const GenerationRef& generation) {
  return between(FaultPoint::before_offsets, FaultPoint::after_offsets,
                 [&] { return behind_.send_offsets(offsets, generation); });
}

WriteOutcome FaultyWriter::commit() {
  const bool is_first_call = !is_under_way_;
  WriteOutcome outcome = between(FaultPoint::before_commit, FaultPoint::after_commit, [&] {
    if (is_first_call) fate_ = points_.pass(FaultPoint::commit_answer);
    if (fate_ == FaultAction::drop)
      return WriteOutcome{WriteStatus::reopen, "the commit was lost, by a fault"};
    WriteOutcome done = behind_.commit();
    if (fate_ == FaultAction::lose && done.status == WriteStatus::ok)
      return WriteOutcome{WriteStatus::reopen, "the commit's answer was lost, by a fault"};
    return done;
  });
  is_outcome_unknown_ = outcome.status == WriteStatus::reopen;
  return outcome;
}

// ---- Reading.

StateReading FaultyStateLog::begin(const StatePlace& place, std::int64_t offset) {
  const StateReading reading = behind_.begin(place, offset);
  open_.insert(reading);
  return reading;
}

void FaultyStateLog::end(StateReading reading) {
  open_.erase(reading);
  behind_.end(reading);
}

Result<std::size_t> FaultyStateLog::poll(StateSink& sink, std::size_t bytes_max) {
  if (!open_.empty()) points_.pass(FaultPoint::mid_restore);
  return behind_.poll(sink, bytes_max);
}

Result<std::size_t> FaultyReader::poll(ReadSink& sink, std::size_t records_max) {
  if (observer_.is_replaying()) points_.pass(FaultPoint::mid_replay);
  return behind_.poll(sink, records_max);
}

void FaultyReader::release() {
  points_.pass(FaultPoint::mid_revoke);
  behind_.release();
}

}  // namespace tocsin
