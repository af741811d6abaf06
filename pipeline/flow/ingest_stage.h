// The ingest stage: reads, decodes, and hands batches to the workers that own the partitions.

#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/flow/emit_errands.h"
#include "pipeline/flow/emit_links.h"
#include "pipeline/flow/flow_counters.h"
#include "pipeline/flow/flow_observer.h"
#include "pipeline/flow/flow_settings.h"
#include "pipeline/flow/input_partition.h"
#include "pipeline/flow/lanes.h"
#include "pipeline/flow/partition_starter.h"
#include "pipeline/flow/snapshot_schedule.h"
#include "pipeline/flow/step.h"
#include "pipeline/flow/stream_matcher.h"
#include "pipeline/flow/worker.h"
#include "pipeline/log/log.h"
#include "pipeline/settings.h"

namespace tocsin {

/// What the ingest stage works with; everything outlives it.
struct IngestContext {
  std::span<const StreamSettings> streams;
  std::span<const std::shared_ptr<const StreamPlan>> plans;
  const FlowSettings& settings;
  KeepEvents keep_events = KeepEvents::no;
  LogReader& reader;
  StateLog* states = nullptr;  ///< Null: nothing is kept.
  std::span<const std::unique_ptr<WorkerLinks>> workers;
  EmitLinks& emit;
  FlowCounters& counters;
  FlowObserver& observer;
  std::atomic<bool>& cut_wanted;
};

/// Reads under the group's protocol and cuts epochs.
///
/// Never blocks: while a worker's ring is full it stops reading, and after half a second of that
/// it pauses the partitions, so that the group can be served without records arriving.
/// Threads: one.
class IngestStage final : public ReadSink {
 public:
  explicit IngestStage(IngestContext context);
  ~IngestStage() override;

  /// One round: serve the group, read, hand over, cut if it is time. `now_ns` is a steady clock.
  Step step(std::int64_t now_ns);
  const std::string& failure() const { return failure_; }

  /// No more reading: what has been read becomes the last epoch, and then every partition's state
  /// a snapshot, so that the next start replays nothing. Step until `is_stopped`.
  void stop();
  /// Whatever was read is committed; what may be missing is saved state.
  bool is_input_committed() const;
  /// Snapshots that are not complete are given up.
  void hurry() { snapshots_.give_up(); }
  /// Something was learned that no snapshot holds; the next start replays it.
  bool has_unsaved_state() const;
  bool is_stopped() const { return is_stopped_; }

  /// All that was read is committed, and every partition was at its end when last polled.
  bool is_drained() const;
  /// Nanoseconds until an epoch must be cut; empty: none is open.
  std::optional<std::int64_t> cut_due_in(std::int64_t now_ns) const;
  bool is_blocked() const { return is_blocked_; }
  /// Saved state is being read, which does not ring.
  bool is_restoring() const { return starter_.is_reading(); }
  /// A revocation waits for its last epoch.
  bool is_leaving() const { return revocation_.has_value(); }

  void assigned(std::span<const Assignment> partitions, GenerationRef generation) override;
  void revoked(std::span<const PartitionHandle> partitions, Revocation why) override;
  void record(const ReadRecord& record) override;
  void end_of_partition(PartitionHandle partition, std::int64_t next_offset) override;

 private:
  using Place = std::pair<std::string, std::int32_t>;

  Step fail(std::string why);
  void read_on(bool& has_moved);
  void serve_revocation(std::int64_t now_ns);
  void run_errands();
  void discard_through(std::uint64_t epoch);
  bool has_generation_passed() const;
  void keep_or_close_all(bool keeps);
  void close(InputPartition& input);
  void hand_over(InputPartition& input);
  void hand_over_all();
  void become_live(InputPartition& input);
  void take(InputPartition& input, const ReadRecord& record, bool is_silent);
  void cut(std::int64_t now_ns);
  bool is_cut_due(std::int64_t now_ns) const;
  bool is_state_due(std::int64_t now_ns);
  void begin_snapshot(std::int64_t now_ns);
  void finish_stop(std::int64_t now_ns);
  void pause_or_resume(std::int64_t now_ns);
  void publish(std::int64_t now_ns);
  bool is_finished(std::uint64_t epoch) const;

  IngestContext context_;
  StreamMatcher matcher_;
  Lanes lanes_;
  PartitionStarter starter_;
  SnapshotSchedule snapshots_;
  EmitErrands errands_;
  std::map<PartitionHandle, InputPartition> inputs_;
  std::map<Place, InputPartition> kept_;  // Between a revocation and the assignment that follows.
  std::vector<PartitionHandle> dirty_;    // With an open batch.
  GenerationRef generation_;
  std::uint64_t generation_epoch_ = 1;  // The first under it.
  std::uint64_t epoch_ = 1;             // Being filled.
  std::size_t epoch_records_ = 0;
  std::uint64_t last_input_epoch_ = 0;  // The last that had records.
  std::int64_t epoch_begun_ns_ = 0;
  std::int64_t cut_ns_ = 0;  // The last one.
  std::int64_t now_ns_ = 0;
  std::int64_t blocked_since_ns_ = -1;
  std::int64_t published_ns_ = 0;
  std::optional<Revocation> revocation_;  // To be answered.
  std::uint64_t revocation_epoch_ = 0;    // Its last epoch.
  std::int64_t revocation_deadline_ns_ = 0;
  bool is_blocked_ = false;
  bool is_paused_ = false;
  bool is_stopping_ = false;
  bool is_stopped_ = false;
  std::string failure_;
};

}  // namespace tocsin
