// A member of a group of the log in memory. Internal to this folder.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "pipeline/log/memory_store.h"

namespace tocsin {

/// One member of a group, reading.
class MemoryReader final : public LogReader {
 public:
  MemoryReader(MemoryStore& log, MemoryMember self) : log_(log), self_(std::move(self)) {
    const std::lock_guard lock(log_.mutex);
    Group& group = log_.groups[self_.group];
    group.members[self_.id] = Member{.topics = self_.topics};
    log_.begin_rebalance(group);
  }
  ~MemoryReader() override { leave(); }

  Result<std::size_t> poll(ReadSink& sink, std::size_t records_max) override {
    note_version();
    if (serve_group(sink)) return std::size_t{0};
    std::size_t count = 0;
    for (auto& [handle, place] : places_)
      if (place.started && !place.paused) count += deliver(sink, handle, records_max - count);
    return count;
  }

  Result<void> start(PartitionHandle partition, std::int64_t offset) override {
    Place& place = places_.at(partition);
    place.next = offset;
    place.started = true;
    place.end_reported = -1;
    return {};
  }
  void pause(std::span<const PartitionHandle> partitions) override {
    for (const PartitionHandle p : partitions) places_.at(p).paused = true;
  }
  void resume(std::span<const PartitionHandle> partitions) override {
    for (const PartitionHandle p : partitions) places_.at(p).paused = false;
  }

  void release() override {
    const std::lock_guard lock(log_.mutex);
    places_.clear();
    Group& group = log_.groups[self_.group];
    const auto member = group.members.find(self_.id);
    if (member != group.members.end()) {
      member->second.assigned.clear();
      member->second.must_revoke = false;
    }
    log_.finish_rebalance(group);
  }

  Result<std::optional<CommittedOffset>> committed(PartitionHandle partition) override {
    const std::lock_guard lock(log_.mutex);
    const PlaceName& name = places_.at(partition).name;
    if (log_.has_pending_offset(self_.group, name))
      return Error{"the committed offset is not stable: a transaction is open"};
    const Group& group = log_.groups[self_.group];
    const auto found = group.committed.find(name);
    if (found == group.committed.end()) return std::optional<CommittedOffset>();
    return std::optional(found->second);
  }

  Result<Watermarks> watermarks(PartitionHandle partition) override {
    const std::lock_guard lock(log_.mutex);
    const StoredPartition& stored = *places_.at(partition).stored;
    return Watermarks{.low = stored.low, .high = stored.high()};
  }
  std::optional<std::int64_t> last_high(PartitionHandle partition) const override {
    const std::lock_guard lock(log_.mutex);
    return places_.at(partition).stored->high();
  }

  void wait(std::chrono::milliseconds patience) override {
    std::unique_lock lock(log_.mutex);
    log_.changed.wait_for(lock, patience, [this] { return log_.version != polled_version_; });
  }

  void close() override { leave(); }

 private:
  struct Place {
    PlaceName name;
    const StoredPartition* stored = nullptr;
    std::int64_t next = 0;
    std::int64_t end_reported = -1;
    bool started = false;
    bool paused = false;
  };

  void note_version() {
    const std::lock_guard lock(log_.mutex);
    polled_version_ = log_.version;
  }

  /// Reports assignments and revocations; true while there is nothing else to do.
  bool serve_group(ReadSink& sink) {
    std::unique_lock lock(log_.mutex);
    Group& group = log_.groups[self_.group];
    Member& member = group.members[self_.id];
    if (member.expelled) return rejoin_after_expulsion(sink, group, member, lock);
    if (member.must_revoke) {
      if (!revocation_reported_) {
        revocation_reported_ = true;
        report_revoked(sink, Revocation::handed_over, lock);
      }
      return true;
    }
    revocation_reported_ = false;
    log_.finish_rebalance(group);
    if (group.rebalancing) return true;
    if (member.generation == seen_generation_) return false;
    seen_generation_ = member.generation;
    std::vector<Assignment> assigned;
    for (const PlaceName& name : member.assigned) {
      const PartitionHandle handle = next_handle_++;
      places_[handle] = Place{.name = name, .stored = &log_.partition(name.first, name.second)};
      assigned.push_back({.handle = handle, .topic = name.first, .partition = name.second});
    }
    lock.unlock();
    if (!assigned.empty())
      sink.assigned(assigned,
                    std::make_shared<MemoryGeneration>(self_.group, self_.id, seen_generation_));
    return false;
  }

  bool rejoin_after_expulsion(ReadSink& sink, Group& group, Member& member,
                              std::unique_lock<std::mutex>& lock) {
    member = Member{.topics = self_.topics};
    log_.begin_rebalance(group);
    seen_generation_ = 0;
    report_revoked(sink, Revocation::lost, lock);
    return true;
  }

  void report_revoked(ReadSink& sink, Revocation why, std::unique_lock<std::mutex>& lock) {
    std::vector<PartitionHandle> handles;
    for (const auto& [handle, place] : places_) handles.push_back(handle);
    for (auto& [handle, place] : places_) place.started = false;
    lock.unlock();
    if (!handles.empty()) sink.revoked(handles, why);
  }

  std::size_t deliver(ReadSink& sink, PartitionHandle handle, std::size_t records_max) {
    Place& place = places_.at(handle);
    std::size_t count = 0;
    while (count < records_max) {
      std::optional<StoredRecord> record = take_next(place);
      if (!record) break;
      header_views_.clear();
      for (const auto& [name, value] : record->headers) header_views_.push_back({name, value});
      sink.record({.partition = handle,
                   .offset = record->offset,
                   .timestamp_ms = record->timestamp_ms,
                   .key = record->key,
                   .value = record->value,
                   .headers = header_views_});
      ++count;
    }
    if (count < records_max && place.end_reported != place.next) {
      place.end_reported = place.next;
      sink.end_of_partition(handle, place.next);
    }
    return count;
  }

  /// A copy, because the sink is called without the lock.
  std::optional<StoredRecord> take_next(Place& place) {
    const std::lock_guard lock(log_.mutex);
    return place.stored->take_stable(place.next);
  }

  void leave() {
    const std::lock_guard lock(log_.mutex);
    places_.clear();
    Group& group = log_.groups[self_.group];
    if (group.members.erase(self_.id) > 0) log_.begin_rebalance(group);
  }

  MemoryStore& log_;
  const MemoryMember self_;
  std::map<PartitionHandle, Place> places_;
  PartitionHandle next_handle_ = 0;
  std::uint64_t seen_generation_ = 0;
  std::uint64_t polled_version_ = 0;
  bool revocation_reported_ = false;
  std::vector<HeaderView> header_views_;
};

}  // namespace tocsin
