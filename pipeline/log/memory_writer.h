// Producers of the log in memory. Internal to this folder.

#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/log/memory_store.h"
#include "pipeline/log/murmur2.h"
#include "pipeline/log/writer_faults.h"

namespace tocsin {

/// What becomes of the records of one transaction, or of one epoch without.
class WrittenRecords {
 public:
  WrittenRecords(MemoryStore& log, const MemoryProducer& self) : log_(log), self_(self) {}

  void begin() {
    refused_.clear();
    placed_.clear();
    taken_ = 0;
  }

  /// A record on its way: where to, and what is kept of it. Empty: refused for good.
  struct Outgoing {
    PlaceName place;
    Entry entry;
    std::size_t index = 0;
    bool wants_place = false;
  };
  std::optional<Outgoing> take(const WriteRecord& record) {
    const std::size_t index = taken_++;
    const std::size_t bytes_max = record.topic_name.empty()
                                      ? self_.record_bytes_max
                                      : self_.named_bytes_max.value_or(self_.record_bytes_max);
    if (record.value.size() > bytes_max) {
      refused_.push_back({index, std::string(MemoryLog::kRecordTooLarge)});
      return std::nullopt;
    }
    Outgoing out{
        .place = place_of(record), .entry = {}, .index = index, .wants_place = record.wants_place};
    if (record.key) out.entry.record.key = std::string(*record.key);
    out.entry.record.value = std::string(record.value);
    for (const HeaderView& h : record.headers)
      out.entry.record.headers.emplace_back(
          std::string(h.name), h.value ? std::optional<std::string>(*h.value) : std::nullopt);
    return out;
  }

  void store(Outgoing out) {
    const std::int64_t offset =
        log_.partition(out.place.first, out.place.second).append(std::move(out.entry));
    if (out.wants_place) placed_.push_back({out.index, offset});
  }

  std::span<const RefusedRecord> refused() const { return refused_; }
  std::span<const PlacedRecord> placed() const { return placed_; }

 private:
  PlaceName place_of(const WriteRecord& record) const {
    std::string topic =
        record.topic_name.empty() ? self_.topics.at(record.topic) : std::string(record.topic_name);
    std::int32_t number = record.partition;
    if (number == WriteRecord::kByKey) {
      const auto partitions = static_cast<std::int32_t>(log_.topics.at(topic).size());
      number = record.key ? partition_of(*record.key, partitions) : 0;
    }
    return {std::move(topic), number};
  }

  MemoryStore& log_;
  const MemoryProducer& self_;
  std::size_t taken_ = 0;
  std::vector<RefusedRecord> refused_;
  std::vector<PlacedRecord> placed_;
};

/// One transactional producer.
class MemoryWriter final : public LogWriter {
 public:
  MemoryWriter(MemoryStore& log, MemoryProducer self, FaultHook faults)
      : log_(log),
        self_(std::move(self)),
        faults_(log.mutex, std::move(faults)),
        records_(log_, self_) {}

  WriteOutcome open() override {
    return faults_.attempt(WriterCall::open, [this] {
      ProducerState& state = log_.producers[self_.transactional_id];
      log_.end_transaction(state, Fate::aborted);
      epoch_ = ++state.epoch;
      is_committed_ = false;
      return WriteOutcome{};
    });
  }

  WriteOutcome begin() override {
    return faults_.attempt(WriterCall::begin, [this] {
      ProducerState& state = log_.producers[self_.transactional_id];
      if (is_fenced(state)) return fenced();
      if (state.transaction != 0)
        return WriteOutcome{WriteStatus::reopen, "a transaction is open already"};
      state.transaction = log_.next_transaction++;
      log_.transactions[state.transaction] = {};
      records_.begin();
      is_committed_ = false;
      return WriteOutcome{};
    });
  }

  std::size_t produce(std::span<const WriteRecord> records) override {
    if (!faults_.is_usable()) return 0;  // `flush` says why.
    const Fault fault = faults_.next(WriterCall::produce);
    if (fault.status != WriteStatus::ok)
      records = records.first(fault.takes_effect ? records.size() / 2 : 0);
    const std::lock_guard lock(log_.mutex);
    ProducerState& state = log_.producers[self_.transactional_id];
    if (is_fenced(state) || state.transaction == 0) return 0;
    for (const WriteRecord& record : records) {
      std::optional<WrittenRecords::Outgoing> out = records_.take(record);
      if (!out) continue;
      out->entry.fate = Fate::open;
      out->entry.transaction = state.transaction;
      log_.transactions.at(state.transaction).touched.insert(out->place);
      records_.store(std::move(*out));
    }
    return records.size();
  }

  WriteOutcome flush() override {
    return faults_.attempt(WriterCall::flush, [this] {
      return is_fenced(log_.producers[self_.transactional_id]) ? fenced() : WriteOutcome{};
    });
  }

  std::span<const RefusedRecord> refused() const override { return records_.refused(); }
  std::span<const PlacedRecord> placed() const override { return records_.placed(); }

  WriteOutcome send_offsets(std::span<const OffsetToCommit> offsets,
                            const GenerationRef& generation) override {
    return faults_.attempt(WriterCall::send_offsets, [&] {
      ProducerState& state = log_.producers[self_.transactional_id];
      if (is_fenced(state)) return fenced();
      if (!log_.is_current(generation))
        return WriteOutcome{WriteStatus::resend, "the group's generation has passed",
                            WriteCause::passed};
      Transaction& transaction = log_.transactions.at(state.transaction);
      transaction.group = dynamic_cast<const MemoryGeneration&>(*generation).group;
      for (const OffsetToCommit& o : offsets)
        transaction.offsets[{std::string(o.topic), o.partition}] = {
            .offset = o.next_offset, .metadata = std::string(o.metadata)};
      return WriteOutcome{};
    });
  }

  WriteOutcome commit() override {
    return faults_.attempt(WriterCall::commit, [this] {
      if (!records_.refused().empty())
        return WriteOutcome{WriteStatus::resend, "records of the transaction were refused"};
      WriteOutcome outcome = end(Fate::committed);
      is_committed_ = is_committed_ || outcome.status == WriteStatus::ok;
      return outcome;
    });
  }
  WriteOutcome abort() override {
    return faults_.attempt(WriterCall::abort, [this] {
      // A commit that happened though its answer was another cannot be taken back.
      if (is_committed_) return WriteOutcome{WriteStatus::reopen, "no transaction is open"};
      return end(Fate::aborted);
    });
  }

 private:
  bool is_fenced(const ProducerState& state) const { return state.epoch != epoch_; }
  static WriteOutcome fenced() {
    return {WriteStatus::reopen, "another producer has taken over the transactional id",
            WriteCause::fenced};
  }

  WriteOutcome end(Fate fate) {
    ProducerState& state = log_.producers[self_.transactional_id];
    if (is_fenced(state)) return fenced();
    log_.end_transaction(state, fate);
    return {};
  }

  MemoryStore& log_;
  const MemoryProducer self_;
  WriterFaults faults_;
  WrittenRecords records_;
  std::uint64_t epoch_ = 0;
  bool is_committed_ = false;  // The transaction last begun.
};

}  // namespace tocsin
