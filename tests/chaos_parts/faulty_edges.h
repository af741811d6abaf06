// What stands between the engine and the world so that faults can strike at named points.

#pragma once

#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "pipeline/flow/flow_observer.h"
#include "pipeline/log/log.h"
#include "tests/chaos_parts/fault_points.h"

namespace tocsin {

/// Knows what is under way. Each of these passes fault points and otherwise does what the one
/// behind it does; those behind, and the points, outlive it.
///
/// Threads: any, as FlowObserver says.
class FaultyObserver final : public FlowObserver {
 public:
  FaultyObserver(FlowObserver& behind, FaultPoints& points) : behind_(behind), points_(points) {}

  /// Some partition is replaying its input.
  bool is_replaying() const;
  /// Some snapshot was begun, and is not named yet.
  bool is_in_snapshot() const;

  void partition_began(const Began& began) override;
  void partition_live(std::string_view topic, std::int32_t partition) override;
  void partition_restored(const Restored& restored) override {
    behind_.partition_restored(restored);
  }
  void snapshot_begun(std::string_view topic, std::int32_t partition) override;
  void snapshot_named(std::string_view topic, std::int32_t partition,
                      const SnapshotEnd& sum) override;
  void partitions_revoked(std::size_t count, bool are_lost) override;
  void records_missing(std::string_view topic, std::int32_t partition, std::int64_t from,
                       std::int64_t to) override {
    behind_.records_missing(topic, partition, from, to);
  }
  void producer_opened() override { behind_.producer_opened(); }
  void transaction_trouble(std::string_view what, std::string_view reason) override {
    behind_.transaction_trouble(what, reason);
  }
  void record_refused(std::string_view reason) override { behind_.record_refused(reason); }
  void record_rejected(const Rejected& rejected) override { behind_.record_rejected(rejected); }
  void waiting(std::string_view reason) override { behind_.waiting(reason); }

 private:
  using Name = std::pair<std::string, std::int32_t>;

  FlowObserver& behind_;
  FaultPoints& points_;
  mutable std::mutex mutex_;  ///< Guards the rest.
  std::set<Name> replaying_;
  std::set<Name> in_snapshot_;
};

/// Threads: one, as LogWriter says.
class FaultyWriter final : public LogWriter {
 public:
  FaultyWriter(LogWriter& behind, const FaultyObserver& observer, FaultPoints& points)
      : behind_(behind), observer_(observer), points_(points) {}

  WriteOutcome open() override;
  WriteOutcome begin() override;
  std::size_t produce(std::span<const WriteRecord> records) override {
    return behind_.produce(records);
  }
  WriteOutcome flush() override;
  std::span<const RefusedRecord> refused() const override { return behind_.refused(); }
  std::span<const PlacedRecord> placed() const override { return behind_.placed(); }
  WriteOutcome send_offsets(std::span<const OffsetToCommit> offsets,
                            const GenerationRef& generation) override;
  WriteOutcome commit() override;
  WriteOutcome abort() override { return behind_.abort(); }

 private:
  /// A call that is made again while it answers `retry`: its points are passed once.
  template <class Call>
  WriteOutcome between(FaultPoint before, FaultPoint after, const Call& call);

  LogWriter& behind_;
  const FaultyObserver& observer_;
  FaultPoints& points_;
  bool is_under_way_ = false;  // The call that was made last has answered `retry`.
  bool is_outcome_unknown_ = false;
  std::optional<FaultAction> fate_;  // Of the commit under way.
};

/// Threads: one, the reader's.
class FaultyStateLog final : public StateLog {
 public:
  FaultyStateLog(StateLog& behind, FaultPoints& points) : behind_(behind), points_(points) {}

  StateReading begin(const StatePlace& place, std::int64_t offset) override;
  void end(StateReading reading) override;
  Result<std::size_t> poll(StateSink& sink, std::size_t bytes_max) override;
  std::string waiting_for() const override { return behind_.waiting_for(); }
  void trim(std::string_view topic, std::int32_t partition, std::int64_t offset) override {
    behind_.trim(topic, partition, offset);
  }

 private:
  StateLog& behind_;
  FaultPoints& points_;
  std::set<StateReading> open_;
};

/// Threads: one, as LogReader says.
class FaultyReader final : public LogReader {
 public:
  FaultyReader(LogReader& behind, const FaultyObserver& observer, FaultPoints& points)
      : behind_(behind), observer_(observer), points_(points) {}

  Result<std::size_t> poll(ReadSink& sink, std::size_t records_max) override;
  Result<void> start(PartitionHandle partition, std::int64_t offset) override {
    return behind_.start(partition, offset);
  }
  void pause(std::span<const PartitionHandle> partitions) override { behind_.pause(partitions); }
  void resume(std::span<const PartitionHandle> partitions) override { behind_.resume(partitions); }
  void release() override;
  Result<std::optional<CommittedOffset>> committed(PartitionHandle partition) override {
    return behind_.committed(partition);
  }
  Result<Watermarks> watermarks(PartitionHandle partition) override {
    return behind_.watermarks(partition);
  }
  Result<bool> is_member() override { return behind_.is_member(); }
  std::optional<std::int64_t> last_high(PartitionHandle partition) const override {
    return behind_.last_high(partition);
  }
  void wait(std::chrono::milliseconds patience) override { behind_.wait(patience); }
  void close() override { behind_.close(); }

 private:
  LogReader& behind_;
  const FaultyObserver& observer_;
  FaultPoints& points_;
};

}  // namespace tocsin
