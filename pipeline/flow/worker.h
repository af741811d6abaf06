// The worker stage: whole partitions, event by event, into epochs.

#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "pipeline/flow/doorbell.h"
#include "pipeline/flow/epoch_part.h"
#include "pipeline/flow/flow_counters.h"
#include "pipeline/flow/flow_observer.h"
#include "pipeline/flow/flow_settings.h"
#include "pipeline/flow/ring.h"
#include "pipeline/flow/step.h"
#include "pipeline/input/batch.h"
#include "pipeline/output/encoder.h"
#include "pipeline/scoring/partition.h"
#include "pipeline/snapshot/restoration.h"
#include "pipeline/snapshot/snapshot_writer.h"

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

  // What the worker tells the ingest stage.
  std::atomic<bool> wants_epoch{false};          ///< It has state to write or to name.
  std::atomic<std::uint64_t> snapshots_over{0};  ///< Named by a mark, or given up.
  std::atomic<std::uint64_t> snapshot_ns{0};     ///< What the last one took of this thread.
  std::atomic<std::uint64_t> rows_ns{0};         ///< What handling all rows so far took.
  std::atomic<std::uint64_t> rows{0};            ///< Handled so far.
  std::atomic<bool> has_failed{false};           ///< `Worker::failure` says why.
  // And what the ingest stage tells it.
  std::atomic<bool> is_ending{false};  ///< Snapshots go as fast as they can.
};

/// What all workers share; outlives them.
struct WorkerContext {
  std::span<const std::shared_ptr<const StreamPlan>> plans;  ///< [streams]
  const FlowSettings& settings;
  RefitRunner& refits;
  Stopwatch stopwatch = nullptr;
  /// Set when an epoch's output has grown large: the ingest stage cuts early.
  std::atomic<bool>& cut_wanted;
  FlowObserver& observer;
  std::string configuration;                  ///< Its hash, for what is kept.
  bool keeps_state = false;                   ///< There are state topics.
  std::int64_t (*wall_clock_ms)() = nullptr;  ///< For people who look at snapshots; null: none.
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
  const std::string& failure() const { return failure_; }

  /// The partitions owned now, for saving their state.
  std::vector<const Partition*> partitions() const;

 private:
  struct Owned {
    std::unique_ptr<Partition> partition;
    const StreamPlan* plan = nullptr;
    std::size_t stream = 0;
    std::int64_t event_time_ms = -1;
    std::int64_t next_offset = -1;  // One past the last live record; -1: not live yet.
    bool has_news = false;          // Live records since the last epoch's end.
    bool is_kept = false;           // It may be another's by now.
    std::int64_t gap_until = 0;     // Records before this offset say that input is missing.
    RecordTrail trail;              // Of what is replayed.
    std::unique_ptr<RestoreAssembly> restore;
    std::unique_ptr<SnapshotWriter> writer;  // Null: no state is kept.
    std::uint64_t snapshot_ns = 0;           // Of the one under way.
  };

  void take_parts();
  void handle(Batch& batch);
  void open(const Batch& batch);
  Result<void> add_piece(Batch& batch);
  Result<void> finish_restore(Owned& owned);
  Result<void> pass_gap(const Batch& batch);
  Result<void> go_live(const Batch& batch);
  Result<void> look_for_gap(const Batch& batch, const PartitionMark& mark, Owned& owned);
  void begin_snapshot(const Batch& batch);
  void rebind(const Batch& batch);
  void close(PartitionHandle handle);
  Result<void> handle_rows(const Batch& batch);
  void follow(Owned& owned, const Batch& batch);
  void finish_epoch(const Batch& batch);
  void write_state(PartitionHandle handle, Owned& owned);
  void cut(PartitionHandle handle, Owned& owned);
  void note_wish();
  template <class Work>
  void time_snapshot(Owned& owned, const Work& work);
  std::string name_of(const Owned& owned) const;

  WorkerContext context_;
  WorkerLinks& links_;
  WorkerCounters& counters_;
  Encoder encoder_;
  std::vector<std::unique_ptr<StreamCounters>> silent_counters_;  // [streams], never shown.
  std::map<PartitionHandle, Owned> owned_;
  std::vector<EpochPart*> spare_parts_;
  EpochPart* part_ = nullptr;  // Written into now; null: none is free.
  std::string failure_;
};

}  // namespace tocsin
