#include "pipeline/log/memory_log.h"

#include <algorithm>
#include <utility>

#include "pipeline/log/memory_plain_writer.h"
#include "pipeline/log/memory_reader.h"
#include "pipeline/log/memory_state_log.h"
#include "pipeline/log/memory_store.h"
#include "pipeline/log/memory_writer.h"

namespace tocsin {

MemoryLog::MemoryLog() : store_(std::make_unique<MemoryStore>()) {}
MemoryLog::~MemoryLog() = default;

void MemoryLog::create_topic(const std::string& name, std::int32_t partitions) {
  const std::lock_guard lock(store_->mutex);
  store_->create_topic(name, static_cast<std::size_t>(partitions));
}

std::int64_t MemoryLog::append(const std::string& topic, std::int32_t partition,
                               StoredRecord record) {
  const std::lock_guard lock(store_->mutex);
  store_->note_change();
  return store_->partition(topic, partition).append({.record = std::move(record)});
}

void MemoryLog::trim(const std::string& topic, std::int32_t partition, std::int64_t offset) {
  const std::lock_guard lock(store_->mutex);
  store_->trim(topic, partition, offset);
}

void MemoryLog::remove(const std::string& topic, std::int32_t partition, std::int64_t offset) {
  const std::lock_guard lock(store_->mutex);
  store_->partition(topic, partition).at(offset).fate = Fate::aborted;
}

void MemoryLog::recreate(const std::string& topic) {
  const std::lock_guard lock(store_->mutex);
  for (StoredPartition& partition : store_->topics.at(topic)) partition = {};
}

void MemoryLog::forget_group(const std::string& group) {
  const std::lock_guard lock(store_->mutex);
  store_->groups[group].committed.clear();
}

std::vector<StoredRecord> MemoryLog::read(const std::string& topic, std::int32_t partition,
                                          std::int64_t offset) const {
  const std::lock_guard lock(store_->mutex);
  const StoredPartition& stored = store_->partition(topic, partition);
  const std::int64_t stable = stored.stable();
  std::vector<StoredRecord> records;
  for (std::int64_t at = std::max(offset, stored.low); at < stable; ++at)
    if (stored.at(at).fate == Fate::committed) records.push_back(stored.at(at).record);
  return records;
}

std::vector<StoredRecord> MemoryLog::take(const std::string& topic, std::int32_t partition) {
  const std::lock_guard lock(store_->mutex);
  StoredPartition& stored = store_->partition(topic, partition);
  const std::int64_t stable = stored.stable();
  std::vector<StoredRecord> records;
  for (; stored.low < stable; ++stored.low) {
    Entry& first = stored.entries.front();
    if (first.fate == Fate::committed) records.push_back(std::move(first.record));
    stored.entries.pop_front();
  }
  return records;
}

Watermarks MemoryLog::watermarks(const std::string& topic, std::int32_t partition) const {
  const std::lock_guard lock(store_->mutex);
  const StoredPartition& stored = store_->partition(topic, partition);
  return {.low = stored.low, .high = stored.high()};
}

std::optional<CommittedOffset> MemoryLog::committed(const std::string& group,
                                                    const std::string& topic,
                                                    std::int32_t partition) const {
  const std::lock_guard lock(store_->mutex);
  const auto& offsets = store_->groups[group].committed;
  const auto found = offsets.find({topic, partition});
  if (found == offsets.end()) return std::nullopt;
  return found->second;
}

void MemoryLog::set_committed(const std::string& group, const std::string& topic,
                              std::int32_t partition, std::optional<CommittedOffset> offset) {
  const std::lock_guard lock(store_->mutex);
  auto& offsets = store_->groups[group].committed;
  if (offset)
    offsets[{topic, partition}] = *std::move(offset);
  else
    offsets.erase({topic, partition});
}

std::unique_ptr<LogReader> MemoryLog::join(MemoryMember member, ReaderFaultHook faults) {
  return std::make_unique<MemoryReader>(*store_, std::move(member), std::move(faults));
}

std::unique_ptr<StateLog> MemoryLog::state_log(StateDelayHook delays) {
  return std::make_unique<MemoryStateLog>(*store_, std::move(delays));
}

void MemoryLog::expel(const std::string& group, const std::string& member) {
  const std::lock_guard lock(store_->mutex);
  Group& in = store_->groups[group];
  const auto found = in.members.find(member);
  if (found == in.members.end() || found->second.expelled) return;
  found->second.assigned.clear();
  found->second.expelled = true;
  found->second.topics.clear();  // Nothing is given to it until it comes back.
  store_->begin_rebalance(in);
}

std::unique_ptr<LogWriter> MemoryLog::writer(MemoryProducer producer, FaultHook faults) {
  return std::make_unique<MemoryWriter>(*store_, std::move(producer), std::move(faults));
}

std::unique_ptr<LogWriter> MemoryLog::plain_writer(MemoryProducer producer, FaultHook faults) {
  return std::make_unique<MemoryPlainWriter>(*store_, std::move(producer), std::move(faults));
}

std::optional<std::uint64_t> MemoryLog::open_transaction(
    const std::string& transactional_id) const {
  const std::lock_guard lock(store_->mutex);
  const auto found = store_->producers.find(transactional_id);
  if (found == store_->producers.end() || found->second.transaction == 0) return std::nullopt;
  return found->second.transaction;
}

void MemoryLog::time_out(const std::string& transactional_id) {
  const std::lock_guard lock(store_->mutex);
  const auto found = store_->producers.find(transactional_id);
  if (found == store_->producers.end() || found->second.transaction == 0) return;
  store_->end_transaction(found->second, Fate::aborted);
  ++found->second.epoch;
}

}  // namespace tocsin
