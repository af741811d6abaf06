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
  MemoryReader(MemoryStore& log, MemoryMember self, ReaderFaultHook faults)
      : log_(log), self_(std::move(self)), faults_(std::move(faults)) {
    const std::lock_guard lock(log_.mutex);
    incarnation_ = ++log_.incarnations;
    if (!take_over()) join();
  }
  ~MemoryReader() override { leave(); }

  Result<std::size_t> poll(ReadSink& sink, std::size_t records_max) override {
    switch (next_fault(ReaderCall::poll)) {
      case ReaderFault::none:
        break;
      case ReaderFault::wait:
        return std::size_t{0};
      case ReaderFault::end:
        return Error{"a fault was injected"};
    }
    note_version();
    const Result<bool> is_busy = serve_group(sink);
    if (!is_busy) return is_busy.error();
    if (*is_busy) return std::size_t{0};
    std::size_t count = 0;
    for (auto& [handle, place] : places_) {
      if (!place.started || place.paused) continue;
      const Result<std::size_t> delivered = deliver(sink, handle, records_max - count);
      if (!delivered) return delivered.error();
      count += *delivered;
    }
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
    hand_over();
  }

  Result<std::optional<CommittedOffset>> committed(PartitionHandle partition) override {
    if (next_fault(ReaderCall::committed) != ReaderFault::none)
      return Error{"the committed offset does not come: a fault was injected"};
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
    if (next_fault(ReaderCall::watermarks) != ReaderFault::none)
      return Error{"the watermarks do not come: a fault was injected"};
    const std::lock_guard lock(log_.mutex);
    const StoredPartition& stored = *places_.at(partition).stored;
    return Watermarks{.low = stored.low, .high = stored.high()};
  }
  Result<bool> is_member() override {
    if (next_fault(ReaderCall::is_member) != ReaderFault::none)
      return Error{"the group does not tell its members: a fault was injected"};
    const std::lock_guard lock(log_.mutex);
    const Member* self = member();
    return self != nullptr && !self->expelled;
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

  ReaderFault next_fault(ReaderCall call) const {
    return faults_ ? faults_(call) : ReaderFault::none;
  }

  void note_version() {
    const std::lock_guard lock(log_.mutex);
    polled_version_ = log_.version;
  }

  // ---- Membership. All below hold the lock.

  Group& group() { return log_.groups[self_.group]; }

  /// This member, unless another incarnation of it has come.
  Member* member() {
    const auto found = group().members.find(self_.id);
    const bool is_ours =
        found != group().members.end() && found->second.incarnation == incarnation_;
    return is_ours ? &found->second : nullptr;
  }

  void join() {
    group().members[self_.id] = Member{.topics = self_.topics, .incarnation = incarnation_};
    log_.begin_rebalance(group());
  }

  /// A static member that comes back before its session has ended gets what it had, and nobody
  /// else notices.
  bool take_over() {
    const auto found = group().members.find(self_.id);
    if (!self_.is_static || found == group().members.end()) return false;
    Member& before = found->second;
    if (before.expelled || before.topics != self_.topics) return false;
    before.incarnation = incarnation_;
    if (group().rebalancing) give_back(before);
    log_.note_change();
    return true;
  }

  static void give_back(Member& member) {
    member.assigned.clear();
    member.must_revoke = false;
  }

  void hand_over() {
    places_.clear();
    is_release_owed_ = false;
    Member* self = member();
    if (self == nullptr) return;
    if (self->expelled)
      join();
    else
      give_back(*self);
    log_.finish_rebalance(group());
  }

  void leave() {
    const std::lock_guard lock(log_.mutex);
    places_.clear();
    if (self_.is_static || member() == nullptr) return;
    group().members.erase(self_.id);
    log_.begin_rebalance(group());
  }

  /// Reports assignments and revocations; true while there is nothing else to do.
  Result<bool> serve_group(ReadSink& sink) {
    std::unique_lock lock(log_.mutex);
    Member* self = member();
    if (self == nullptr) return Error{"another member with the same id has joined the group"};
    if (is_release_owed_) return true;
    if (self->expelled || self->must_revoke) {
      report_revoked(sink, self->expelled ? Revocation::lost : Revocation::handed_over, lock);
      return true;
    }
    log_.finish_rebalance(group());
    if (group().rebalancing) return true;
    if (self->generation != seen_generation_) report_assigned(sink, *self, lock);
    return false;
  }

  void report_revoked(ReadSink& sink, Revocation why, std::unique_lock<std::mutex>& lock) {
    std::vector<PartitionHandle> handles;
    for (auto& [handle, place] : places_) {
      place.started = false;
      handles.push_back(handle);
    }
    if (handles.empty()) return hand_over();
    is_release_owed_ = true;
    lock.unlock();
    sink.revoked(handles, why);
  }

  void report_assigned(ReadSink& sink, const Member& self, std::unique_lock<std::mutex>& lock) {
    seen_generation_ = self.generation;
    std::vector<Assignment> assigned;
    for (const PlaceName& name : self.assigned) {
      const PartitionHandle handle = next_handle_++;
      places_[handle] = Place{.name = name, .stored = &log_.partition(name.first, name.second)};
      assigned.push_back({.handle = handle, .topic = name.first, .partition = name.second});
    }
    lock.unlock();
    sink.assigned(assigned,
                  std::make_shared<MemoryGeneration>(self_, incarnation_, seen_generation_));
  }

  // ---- Records.

  Result<std::size_t> deliver(ReadSink& sink, PartitionHandle handle, std::size_t records_max) {
    Place& place = places_.at(handle);
    std::size_t count = 0;
    while (count < records_max) {
      Result<std::optional<StoredRecord>> next = take_next(place);
      if (!next) return next.error();
      if (!*next) break;
      const StoredRecord& record = **next;
      header_views_.clear();
      for (const auto& [name, value] : record.headers) header_views_.push_back({name, value});
      sink.record({.partition = handle,
                   .offset = record.offset,
                   .timestamp_ms = record.timestamp_ms,
                   .key = record.key,
                   .value = record.value,
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
  Result<std::optional<StoredRecord>> take_next(Place& place) {
    const std::lock_guard lock(log_.mutex);
    if (place.next < place.stored->low)
      return Error{place.name.first + " [" + std::to_string(place.name.second) +
                   "] has no record at offset " + std::to_string(place.next) + " any more"};
    return place.stored->take_stable(place.next);
  }

  MemoryStore& log_;
  const MemoryMember self_;
  const ReaderFaultHook faults_;
  std::uint64_t incarnation_ = 0;
  std::map<PartitionHandle, Place> places_;
  PartitionHandle next_handle_ = 0;
  std::uint64_t seen_generation_ = 0;
  std::uint64_t polled_version_ = 0;
  bool is_release_owed_ = false;
  std::vector<HeaderView> header_views_;
};

}  // namespace tocsin
