// The emit stage: one transaction an epoch.

#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pipeline/flow/doorbell.h"
#include "pipeline/flow/epoch_part.h"
#include "pipeline/flow/flow_counters.h"
#include "pipeline/flow/flow_observer.h"
#include "pipeline/flow/step.h"
#include "pipeline/flow/worker.h"
#include "pipeline/log/log.h"

namespace tocsin {

/// An epoch as ingest cut it.
struct EpochOrder {
  std::uint64_t epoch = 0;
  GenerationRef generation;   ///< Under which its records were read.
  std::int64_t begun_ns = 0;  ///< When its first record was read.
};

/// An offset whose commit is uncertain, to be compared with what the log says.
struct SettlementQuestion {
  PartitionHandle partition = 0;
  std::int64_t next_offset = 0;
  std::string metadata;  ///< Tells epochs of state alone apart, which move no offset.
};

/// State that no restore needs any more.
struct TrimOrder {
  std::string topic;  ///< The input's.
  std::int32_t partition = 0;
  std::int64_t before = 0;
};

/// What ingest and emit tell each other.
class EmitLinks {
 public:
  void order(EpochOrder order);
  std::optional<EpochOrder> take_order();

  /// Epochs up to this one are over: committed, empty or discarded.
  std::atomic<std::uint64_t> finished_epoch{0};
  /// Epochs up to this one must not be committed any more: their partitions are lost.
  std::atomic<std::uint64_t> discard_through{0};

  // A commit whose outcome is unknown is settled by the committed offset, which only the
  // reader, and so the ingest stage, can ask for.
  void ask(SettlementQuestion question);
  std::optional<SettlementQuestion> question() const;
  void answer(bool is_committed);
  std::optional<bool> take_answer();

  void trim(TrimOrder order);
  std::optional<TrimOrder> take_trim();

  Doorbell ingest_bell;
  Doorbell emit_bell;

 private:
  mutable std::mutex mutex_;  ///< Guards all below.
  std::deque<EpochOrder> orders_;
  std::optional<SettlementQuestion> question_;
  std::optional<bool> answer_;
  std::deque<TrimOrder> trims_;
};

/// What the emit stage works with; everything outlives it.
struct EmitContext {
  LogWriter& writer;
  std::span<const std::unique_ptr<WorkerLinks>> workers;
  EmitLinks& links;
  FlowCounters& counters;
  FlowObserver& observer;
  Stopwatch stopwatch = nullptr;  ///< The clock that `now_ns` is of; null: nothing is timed.
  std::int64_t (*wall_clock_ms)() = nullptr;  ///< For watching only; null: not recorded.
};

/// Gathers each epoch's parts from all workers and commits them: outputs and offsets together, or
/// not at all. A failed transaction is begun again with the same bytes.
///
/// Threads: one. A step makes one call to the writer, which may wait about 100 ms.
class EmitStage {
 public:
  explicit EmitStage(EmitContext context);

  Step step(std::int64_t now_ns);
  const std::string& failure() const { return failure_; }
  /// Idle until then, whatever comes: a call that failed waits before it is made again.
  std::int64_t not_before_ns() const { return not_before_ns_; }

 private:
  enum class Phase : std::uint8_t {
    opening,
    settling,   // Was the epoch committed before the writer had to be opened again?
    gathering,  // Waiting for an epoch's order and parts.
    beginning,
    producing,
    flushing,
    offsets,
    committing,
    aborting,
  };

  Step open(std::int64_t now_ns);
  Step gather();
  Step produce(std::int64_t now_ns);
  Step settle();
  Step advance(const WriteOutcome& outcome, const char* what, Phase next, std::int64_t now_ns);
  Step trouble(const WriteOutcome& outcome, const char* what, std::int64_t now_ns);
  Step flushed(const WriteOutcome& outcome, std::int64_t now_ns);
  void substitute_refused();
  bool refuses_state();
  void note_places();
  void collect_offsets();
  std::span<const WriteRecord> records_of(std::size_t part) const;
  Step start_abort();
  void ask_what_is_committed();
  void finish(bool is_committed);
  void count_commit();
  bool is_discarded() const;

  EmitContext context_;
  Phase phase_ = Phase::opening;
  std::vector<EpochPart*> parts_;  // [workers] of the epoch in hand; null: not yet here.
  std::optional<EpochOrder> order_;
  std::size_t part_at_ = 0;    // Producing: this one of all parts' outputs and then their state,
  std::size_t record_at_ = 0;  // from this record.
  std::vector<WriteRecord> state_records_;  // Of all parts, in order.
  std::vector<OffsetToCommit> offsets_;
  std::int64_t transaction_begun_ns_ = 0;
  std::int64_t not_before_ns_ = 0;  // Back-off.
  int failures_in_a_row_ = 0;
  int retries_in_a_row_ = 0;
  std::int64_t reopened_ns_ = -1;
  bool is_outcome_unknown_ = false;
  std::string failure_;
};

}  // namespace tocsin
