// A producer without transactions of the log in memory. Internal to this folder.

#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "pipeline/log/memory_store.h"
#include "pipeline/log/memory_writer.h"
#include "pipeline/log/writer_faults.h"

namespace tocsin {

/// Writes at least once: what has arrived stays, whatever becomes of the rest, and what is sent
/// again arrives again. Offsets are committed by themselves.
///
/// Of what one `produce` takes, the first half arrives at once and the rest with the next flush
/// or abort, so that a crash in between leaves a part.
class MemoryPlainWriter final : public LogWriter {
 public:
  MemoryPlainWriter(MemoryStore& log, MemoryProducer self, FaultHook faults)
      : log_(log),
        self_(std::move(self)),
        faults_(log.mutex, std::move(faults)),
        records_(log_, self_) {}

  WriteOutcome open() override {
    return faults_.attempt(WriterCall::open, [this] {
      on_their_way_.clear();
      offsets_.reset();
      return WriteOutcome{};
    });
  }

  WriteOutcome begin() override {
    return faults_.attempt(WriterCall::begin, [this] {
      records_.begin();
      on_their_way_.clear();
      offsets_.reset();
      return WriteOutcome{};
    });
  }

  std::size_t produce(std::span<const WriteRecord> records) override {
    if (!faults_.is_usable()) return 0;  // `flush` says why.
    const Fault fault = faults_.next(WriterCall::produce);
    if (fault.status != WriteStatus::ok)
      records = records.first(fault.takes_effect ? records.size() / 2 : 0);
    const std::lock_guard lock(log_.mutex);
    for (const WriteRecord& record : records) {
      std::optional<WrittenRecords::Outgoing> out = records_.take(record);
      if (out) on_their_way_.push_back(std::move(*out));
    }
    deliver(on_their_way_.size() / 2);
    return records.size();
  }

  WriteOutcome flush() override {
    return faults_.attempt(WriterCall::flush, [this] {
      deliver(on_their_way_.size());
      return WriteOutcome{};
    });
  }

  std::span<const RefusedRecord> refused() const override { return records_.refused(); }
  std::span<const PlacedRecord> placed() const override { return records_.placed(); }

  WriteOutcome send_offsets(std::span<const OffsetToCommit> offsets,
                            const GenerationRef& generation) override {
    return faults_.attempt(WriterCall::send_offsets, [&] {
      if (!log_.is_current(generation)) return passed();
      offsets_.emplace(Offsets{.generation = generation, .committed = {}});
      for (const OffsetToCommit& o : offsets)
        offsets_->committed[{std::string(o.topic), o.partition}] = {
            .offset = o.next_offset, .metadata = std::string(o.metadata)};
      return WriteOutcome{};
    });
  }

  WriteOutcome commit() override {
    return faults_.attempt(WriterCall::commit, [this] {
      if (!records_.refused().empty())
        return WriteOutcome{WriteStatus::resend, "records were refused"};
      if (!offsets_) return WriteOutcome{};
      if (!log_.is_current(offsets_->generation)) return passed();
      const auto& bound = dynamic_cast<const MemoryGeneration&>(*offsets_->generation);
      for (auto& [place, offset] : offsets_->committed)
        log_.groups[bound.group].committed[place] = offset;
      log_.note_change();
      return WriteOutcome{};
    });
  }

  WriteOutcome abort() override {
    return faults_.attempt(WriterCall::abort, [this] {
      deliver(on_their_way_.size());
      offsets_.reset();
      return WriteOutcome{};
    });
  }

 private:
  struct Offsets {
    GenerationRef generation;
    std::map<PlaceName, CommittedOffset> committed;
  };

  static WriteOutcome passed() {
    return {WriteStatus::resend, "the group's generation has passed", WriteCause::passed};
  }

  void deliver(std::size_t count) {
    for (; count > 0; --count) {
      records_.store(std::move(on_their_way_.front()));
      on_their_way_.pop_front();
    }
    log_.note_change();
  }

  MemoryStore& log_;
  const MemoryProducer self_;
  WriterFaults faults_;
  WrittenRecords records_;
  std::deque<WrittenRecords::Outgoing> on_their_way_;
  std::optional<Offsets> offsets_;
};

}  // namespace tocsin
