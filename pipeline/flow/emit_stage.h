// The emit stage: one transaction an epoch.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pipeline/flow/emit_links.h"
#include "pipeline/flow/epoch_part.h"
#include "pipeline/flow/flow_counters.h"
#include "pipeline/flow/flow_observer.h"
#include "pipeline/flow/step.h"
#include "pipeline/flow/worker.h"
#include "pipeline/log/log.h"

namespace tocsin {

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
    proving,  // That this is still a member of the group, before the writer is opened again.
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

  Step prove();
  Step open(std::int64_t now_ns);
  Step gather();
  Step begin(std::int64_t now_ns);
  Step produce(std::int64_t now_ns);
  Step settle();
  Step advance(const WriteOutcome& outcome, const char* what, Phase next, std::int64_t now_ns);
  Step trouble(const WriteOutcome& outcome, const char* what, std::int64_t now_ns);
  void note_passed();
  bool is_fenced_again(const WriteOutcome& outcome, std::int64_t now_ns);
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
  bool has_passed() const;

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
  std::int64_t fenced_ns_ = -1;
  bool is_outcome_unknown_ = false;
  std::string failure_;
};

}  // namespace tocsin
