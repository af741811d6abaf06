// A producer of the log in memory. Internal to this folder.

#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/log/memory_store.h"
#include "pipeline/log/murmur2.h"

namespace tocsin {

/// One transactional producer.
class MemoryWriter final : public LogWriter {
 public:
  MemoryWriter(MemoryStore& log, MemoryProducer self, FaultHook faults)
      : log_(log), self_(std::move(self)), faults_(std::move(faults)) {}

  WriteOutcome open() override {
    return attempt(WriterCall::open, [this] {
      ProducerState& state = log_.producers[self_.transactional_id];
      log_.end_transaction(state, Fate::aborted);
      epoch_ = ++state.epoch;
      return WriteOutcome{};
    });
  }

  WriteOutcome begin() override {
    return attempt(WriterCall::begin, [this] {
      ProducerState& state = log_.producers[self_.transactional_id];
      if (is_fenced(state)) return fenced();
      state.transaction = log_.next_transaction++;
      log_.transactions[state.transaction] = {};
      refused_.clear();
      placed_.clear();
      taken_ = 0;
      return WriteOutcome{};
    });
  }

  std::size_t produce(std::span<const WriteRecord> records) override {
    if (faults_ && faults_(WriterCall::produce).status != WriteStatus::ok) return 0;
    const std::lock_guard lock(log_.mutex);
    ProducerState& state = log_.producers[self_.transactional_id];
    if (is_fenced(state) || state.transaction == 0) return 0;  // `flush` says why.
    for (const WriteRecord& record : records) store(record, state);
    return records.size();
  }

  WriteOutcome flush() override {
    return attempt(WriterCall::flush, [this] {
      return is_fenced(log_.producers[self_.transactional_id]) ? fenced() : WriteOutcome{};
    });
  }

  std::span<const RefusedRecord> refused() const override { return refused_; }
  std::span<const PlacedRecord> placed() const override { return placed_; }

  WriteOutcome send_offsets(std::span<const OffsetToCommit> offsets,
                            const GenerationRef& generation) override {
    return attempt(WriterCall::send_offsets, [&] {
      ProducerState& state = log_.producers[self_.transactional_id];
      if (is_fenced(state)) return fenced();
      const auto* bound = dynamic_cast<const MemoryGeneration*>(generation.get());
      if (bound == nullptr || !is_current(*bound))
        return WriteOutcome{WriteStatus::resend, "the group's generation has passed"};
      Transaction& transaction = log_.transactions.at(state.transaction);
      transaction.group = bound->group;
      for (const OffsetToCommit& o : offsets)
        transaction.offsets[{std::string(o.topic), o.partition}] = {
            .offset = o.next_offset, .metadata = std::string(o.metadata)};
      return WriteOutcome{};
    });
  }

  WriteOutcome commit() override {
    return attempt(WriterCall::commit, [this] { return end(Fate::committed); });
  }
  WriteOutcome abort() override {
    return attempt(WriterCall::abort, [this] { return end(Fate::aborted); });
  }

 private:
  template <class Effect>
  WriteOutcome attempt(WriterCall call, const Effect& effect) {
    const Fault fault = faults_ ? faults_(call) : Fault{};
    const bool is_faulty = fault.status != WriteStatus::ok;
    if (!is_faulty || fault.takes_effect) {
      const std::lock_guard lock(log_.mutex);
      WriteOutcome outcome = effect();
      if (!is_faulty || outcome.status != WriteStatus::ok) return outcome;
    }
    return {fault.status, "a fault was injected"};
  }

  bool is_fenced(const ProducerState& state) const { return state.epoch != epoch_; }
  static WriteOutcome fenced() {
    return {WriteStatus::reopen, "another producer has taken over the transactional id"};
  }

  bool is_current(const MemoryGeneration& bound) {
    const Group& group = log_.groups[bound.group];
    const auto member = group.members.find(bound.member);
    return member != group.members.end() && !member->second.expelled &&
           member->second.generation == bound.number && group.generation == bound.number;
  }

  WriteOutcome end(Fate fate) {
    ProducerState& state = log_.producers[self_.transactional_id];
    if (is_fenced(state)) return fenced();
    log_.end_transaction(state, fate);
    return {};
  }

  void store(const WriteRecord& record, const ProducerState& state) {
    const std::size_t index = taken_++;
    if (record.value.size() > self_.record_bytes_max) {
      refused_.push_back({index, "the value is larger than the topic takes"});
      return;
    }
    const std::string topic =
        record.topic_name.empty() ? self_.topics.at(record.topic) : std::string(record.topic_name);
    const auto partitions = static_cast<std::int32_t>(log_.topics.at(topic).size());
    std::int32_t number = record.partition;
    if (number == WriteRecord::kByKey)
      number = record.key ? partition_of(*record.key, partitions) : 0;
    Entry entry{.record = {}, .fate = Fate::open, .transaction = state.transaction};
    if (record.key) entry.record.key = std::string(*record.key);
    entry.record.value = std::string(record.value);
    for (const HeaderView& h : record.headers)
      entry.record.headers.emplace_back(
          std::string(h.name), h.value ? std::optional<std::string>(*h.value) : std::nullopt);
    const std::int64_t offset = log_.partition(topic, number).append(std::move(entry));
    if (record.wants_place) placed_.push_back({index, offset});
    log_.transactions.at(state.transaction).touched.insert({topic, number});
  }

  MemoryStore& log_;
  const MemoryProducer self_;
  const FaultHook faults_;
  std::uint64_t epoch_ = 0;
  std::size_t taken_ = 0;
  std::vector<RefusedRecord> refused_;
  std::vector<PlacedRecord> placed_;
};

}  // namespace tocsin
