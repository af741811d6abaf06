#include "pipeline/flow/snapshot_schedule.h"

#include <algorithm>

namespace tocsin {
namespace {

constexpr std::int64_t kMillisecond = 1'000'000;
constexpr std::uint64_t kReplayMaxNs = 10'000'000'000;
constexpr std::uint64_t kShareOfWork = 10;
/// A snapshot that costs too much waits for at most so many intervals.
constexpr std::int64_t kIntervalsMax = 10;

std::uint64_t sum(const Lanes& lanes, std::atomic<std::uint64_t> WorkerLinks::*counter) {
  std::uint64_t total = 0;
  for (std::size_t w = 0; w < lanes.size(); ++w)
    total += (lanes.links(w).*counter).load(std::memory_order_acquire);
  return total;
}

}  // namespace

void SnapshotSchedule::add(InputPartition& input, std::int64_t now_ns) {
  // Staggered: the first ones of partitions that began together are spread over the interval.
  constexpr std::int64_t kSpread = 8;
  const auto turn = static_cast<std::int64_t>(added_++ % kSpread) + 1;
  input.cut_due_ns = now_ns + settings_.snapshot_interval_ms * kMillisecond / kSpread * turn;
}

bool SnapshotSchedule::is_under_way() const {
  return sum(lanes_, &WorkerLinks::snapshots_over) < begun_;
}

bool SnapshotSchedule::is_due(const InputPartition& input, std::int64_t now_ns) const {
  const std::uint64_t records = input.sequence - input.sequence_at_cut;
  if (settings_.snapshot_records > 0 && records >= settings_.snapshot_records) return true;
  const std::uint64_t rows = sum(lanes_, &WorkerLinks::rows);
  const std::uint64_t rows_ns = sum(lanes_, &WorkerLinks::rows_ns);
  if (rows > 0 && rows_ns / rows * records >= kReplayMaxNs) return true;
  return now_ns >= input.cut_due_ns && !is_too_dear(now_ns);
}

bool SnapshotSchedule::is_too_dear(std::int64_t now_ns) const {
  if (begun_ == 0) return false;
  if (now_ns - last_begun_ns_ >= kIntervalsMax * settings_.snapshot_interval_ms * kMillisecond)
    return false;
  std::uint64_t dearest = 0;
  for (std::size_t w = 0; w < lanes_.size(); ++w)
    dearest = std::max(dearest, lanes_.links(w).snapshot_ns.load(std::memory_order_relaxed));
  const std::uint64_t work = sum(lanes_, &WorkerLinks::rows_ns) - rows_ns_at_last_;
  return work < dearest * kShareOfWork;
}

InputPartition* SnapshotSchedule::next(std::map<PartitionHandle, InputPartition>& inputs,
                                       std::int64_t now_ns, bool is_ending) {
  if (has_given_up_ || is_under_way()) return nullptr;
  InputPartition* longest_due = nullptr;
  for (auto& [handle, input] : inputs) {
    if (input.phase != InputPartition::Phase::live || input.sequence == input.sequence_at_cut)
      continue;
    if (!is_ending && !is_due(input, now_ns)) continue;
    if (longest_due == nullptr || input.cut_due_ns < longest_due->cut_due_ns) longest_due = &input;
  }
  return longest_due;
}

void SnapshotSchedule::begun(InputPartition& input, std::int64_t now_ns) {
  ++begun_;
  last_begun_ns_ = now_ns;
  rows_ns_at_last_ = sum(lanes_, &WorkerLinks::rows_ns);
  input.sequence_at_cut = input.sequence;
  input.cut_due_ns = now_ns + settings_.snapshot_interval_ms * kMillisecond;
}

}  // namespace tocsin
