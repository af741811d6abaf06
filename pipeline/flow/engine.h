// The pipeline, whole: stages, the rings between them, and the threads that drive them.

#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "detectors/result.h"
#include "pipeline/flow/emit_stage.h"
#include "pipeline/flow/flow_counters.h"
#include "pipeline/flow/flow_observer.h"
#include "pipeline/flow/flow_settings.h"
#include "pipeline/flow/ingest_stage.h"
#include "pipeline/flow/worker.h"
#include "pipeline/log/log.h"
#include "pipeline/output/encoder.h"
#include "pipeline/scoring/partition.h"
#include "pipeline/settings.h"

namespace tocsin {

/// What an engine is made from. References outlive it.
struct EngineParts {
  std::vector<StreamSettings> streams;
  std::vector<std::shared_ptr<const StreamPlan>> plans;  ///< [streams]
  OutputSettings outputs;
  OutputIdentity identity;
  FlowSettings settings;
  LogReader& reader;
  StateLog* states = nullptr;  ///< Null: no state is kept.
  LogWriter& writer;
  RefitRunner& refits;
  FlowObserver& observer;
  Stopwatch stopwatch = nullptr;  ///< Steady nanoseconds; needed by `run`, not by `step`.
  std::int64_t (*wall_clock_ms)() = nullptr;
};

/// One lane: an ingest stage, workers, and an emit stage.
///
/// Driven either by `run`, with a thread a stage, or by `step`, with none: results are the same.
class Engine {
 public:
  explicit Engine(EngineParts parts);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Every stage once, in this thread. Worked if any stage did.
  Step step(std::int64_t now_ns);

  /// Until a stop is requested and what was read is committed, within the drain timeout; or until
  /// a stage fails.
  Result<void> run(const std::stop_token& stop);

  /// For `step` only: no more reading. Step until `is_stopped`.
  void begin_stop() { ingest_->stop(); }
  bool is_stopped() const { return ingest_->is_stopped(); }

  /// All that was read is committed and every partition is at its end. Threads: for `step` only.
  bool is_drained() const { return ingest_->is_drained(); }
  std::string failure() const;

  const FlowCounters& counters() const { return counters_; }
  /// The workers' partitions. Threads: only while nothing runs.
  std::vector<const Partition*> partitions() const;

 private:
  void run_worker(std::size_t index, const std::stop_token& stop);
  void run_emit(const std::stop_token& stop);
  std::chrono::milliseconds emit_patience() const;
  Result<void> run_ingest(const std::stop_token& stop);
  std::string worker_failure() const;
  bool has_stage_failed() const;
  Result<void> end_late() const;
  void park_ingest(std::int64_t now_ns, bool is_stopping);
  std::int64_t now() const { return static_cast<std::int64_t>(parts_.stopwatch()); }

  EngineParts parts_;
  FlowCounters counters_;
  std::atomic<bool> cut_wanted_{false};
  std::atomic<bool> has_emit_failed_{false};
  EmitLinks emit_links_;
  std::vector<std::unique_ptr<WorkerLinks>> links_;  // [workers]
  std::vector<std::unique_ptr<EpochPart>> epoch_parts_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::unique_ptr<EmitStage> emit_;
  std::unique_ptr<IngestStage> ingest_;
};

}  // namespace tocsin
