// The worker stage: whole partitions, event by event, into epochs.

#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "pipeline/flow/doorbell.h"
#include "pipeline/flow/epoch_part.h"
#include "pipeline/flow/flow_counters.h"
#include "pipeline/flow/flow_settings.h"
#include "pipeline/flow/ring.h"
#include "pipeline/flow/step.h"
#include "pipeline/input/batch.h"
#include "pipeline/output/encoder.h"
#include "pipeline/scoring/partition.h"

namespace tocsin {

/// The rings that tie a worker to the stages on either side. Batches and epoch parts are made once
/// and go round.
struct WorkerLinks {
  /// More batches than this are never made: what one step may read, each record of a partition
  /// of its own, beside a full inbox and the openings of very many partitions.
  static constexpr std::size_t kBatchesMax = 1U << 14U;

  explicit WorkerLinks(std::size_t batches)
      : inbox(batches), returned_batches(kBatchesMax), finished_parts(4), free_parts(4) {}

  Ring<Batch*> inbox;               ///< Ingest to worker.
  Ring<Batch*> returned_batches;    ///< Worker to ingest.
  Ring<EpochPart*> finished_parts;  ///< Worker to emit.
  Ring<EpochPart*> free_parts;      ///< Emit to worker.
  Doorbell bell;                    ///< Wakes the worker.
};

/// What all workers share; outlives them.
struct WorkerContext {
  std::span<const std::shared_ptr<const StreamPlan>> plans;  ///< [streams]
  const FlowSettings& settings;
  RefitRunner& refits;
  Stopwatch stopwatch = nullptr;
  /// Set when an epoch's output has grown large: the ingest stage cuts early.
  std::atomic<bool>& cut_wanted;
};

/// Owns the partitions given to it by `open` batches, and everything they have learned.
///
/// Threads: one; the links are its only contact.
class Worker {
 public:
  Worker(WorkerContext context, WorkerLinks& links, WorkerCounters& counters, Encoder encoder);

  /// Takes one batch from the inbox, whole. Idle when there is none, or no free epoch part to
  /// write into: that is how slow commits slow the reader down.
  Step step();

  /// The partitions owned now, for saving their state.
  std::vector<const Partition*> partitions() const;

 private:
  struct Owned {
    std::unique_ptr<Partition> partition;
    const StreamPlan* plan = nullptr;
    std::size_t stream = 0;
    std::int64_t event_time_ms = -1;
    std::int64_t live_next = -1;  // One past the last live record of the epoch; -1: none.
    bool is_silent = false;
  };

  void handle(Batch& batch);
  void open(const Batch& batch);
  void handle_rows(const Batch& batch);
  void finish_epoch(const Batch& batch);

  WorkerContext context_;
  WorkerLinks& links_;
  WorkerCounters& counters_;
  Encoder encoder_;
  std::vector<std::unique_ptr<StreamCounters>> silent_counters_;  // [streams], never shown.
  std::map<PartitionHandle, Owned> owned_;
  EpochPart* part_ = nullptr;  // Written into now; null: none is free.
};

}  // namespace tocsin
