#include "pipeline/flow/flow_counters.h"

#include <algorithm>

namespace tocsin {

std::vector<PartitionProgress> FlowCounters::progress() const {
  const std::lock_guard lock(mutex_);
  std::vector<PartitionProgress> all;
  all.reserve(progress_.size());
  for (const auto& [place, progress] : progress_) {
    all.push_back(progress);
    all.back().topic = place.first;
    all.back().partition = place.second;
  }
  return all;
}

void FlowCounters::set_committed(const std::string& topic, std::int32_t partition,
                                 std::int64_t next_offset, std::int64_t event_time_ms) {
  const std::lock_guard lock(mutex_);
  PartitionProgress& progress = progress_[{topic, partition}];
  progress.next_offset = next_offset;
  progress.event_time_ms = std::max(progress.event_time_ms, event_time_ms);
}

void FlowCounters::set_high(const std::string& topic, std::int32_t partition, std::int64_t high) {
  const std::lock_guard lock(mutex_);
  progress_[{topic, partition}].high = high;
}

void FlowCounters::forget(const std::string& topic, std::int32_t partition) {
  const std::lock_guard lock(mutex_);
  progress_.erase({topic, partition});
}

}  // namespace tocsin
