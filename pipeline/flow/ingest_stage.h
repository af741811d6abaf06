// The ingest stage: reads, decodes, and hands batches to the workers that own the partitions.

#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pipeline/flow/emit_stage.h"
#include "pipeline/flow/flow_counters.h"
#include "pipeline/flow/flow_observer.h"
#include "pipeline/flow/flow_settings.h"
#include "pipeline/flow/step.h"
#include "pipeline/flow/stream_matcher.h"
#include "pipeline/flow/worker.h"
#include "pipeline/input/decoder.h"
#include "pipeline/input/json_reader.h"
#include "pipeline/log/log.h"
#include "pipeline/settings.h"

namespace tocsin {

/// What the ingest stage works with; everything outlives it.
struct IngestContext {
  std::span<const StreamSettings> streams;
  const FlowSettings& settings;
  KeepEvents keep_events = KeepEvents::no;
  LogReader& reader;
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

  /// No more reading: what has been read becomes the last epoch. Step until `is_stopped`.
  void stop() { is_stopping_ = true; }
  bool is_stopped() const { return is_stopped_; }

  /// All that was read is committed, and every partition was at its end when last polled.
  bool is_drained() const;
  /// Nanoseconds until an epoch must be cut; empty: none is open.
  std::optional<std::int64_t> cut_due_in(std::int64_t now_ns) const;
  bool is_blocked() const { return is_blocked_; }
  /// A revocation waits for its last epoch.
  bool is_leaving() const { return revocation_.has_value(); }

  void assigned(std::span<const Assignment> partitions, GenerationRef generation) override;
  void revoked(std::span<const PartitionHandle> partitions, Revocation why) override;
  void record(const ReadRecord& record) override;
  void end_of_partition(PartitionHandle partition, std::int64_t next_offset) override;

 private:
  struct Input {
    Assignment place;
    std::size_t stream = 0;
    std::size_t worker = 0;
    std::unique_ptr<Decoder> decoder;
    std::uint64_t unknown_fields = 0;  // Handed over so far.
    Batch* open = nullptr;
    std::int64_t next = 0;
    std::int64_t live_from = 0;       // Rows before it are silent.
    std::int64_t data_next = 0;       // One past the last record; `next` also counts markers.
    std::int64_t start_after_ns = 0;  // Not tried again before.
    bool is_started = false;
    bool is_at_end = false;
  };
  Step fail(std::string why);
  Result<void> start_waiting();
  Result<void> start(Input& input);
  void begin_at(Input& input, std::int64_t start, const std::optional<CommittedOffset>& committed);
  void serve_revocation(std::int64_t now_ns);
  void settle();
  void close_all();
  void hand_over(Input& input);
  void hand_over_all();
  void cut(std::int64_t now_ns);
  bool is_cut_due(std::int64_t now_ns) const;
  void pause_or_resume(std::int64_t now_ns);
  bool push_pending();
  void send(std::size_t worker, Batch* batch);
  Batch* take_batch(std::size_t worker);
  void publish_highs(std::int64_t now_ns);

  struct Lane {
    std::vector<std::unique_ptr<Batch>> batches;  // All that were made for this worker.
    std::deque<Batch*> pending;                   // Waiting for room in its inbox.
    std::size_t partitions = 0;
  };

  IngestContext context_;
  StreamMatcher matcher_;
  JsonReader json_reader_;
  std::map<PartitionHandle, Input> inputs_;
  std::vector<Lane> lanes_;             // [workers]
  std::vector<PartitionHandle> dirty_;  // With an open batch.
  GenerationRef generation_;
  std::uint64_t epoch_ = 1;  // Being filled.
  std::size_t epoch_records_ = 0;
  std::int64_t epoch_begun_ns_ = 0;
  std::int64_t now_ns_ = 0;
  std::int64_t blocked_since_ns_ = -1;
  std::int64_t highs_published_ns_ = 0;
  std::optional<Revocation> revocation_;  // To be answered.
  std::uint64_t revocation_epoch_ = 0;    // Its last epoch.
  std::int64_t revocation_deadline_ns_ = 0;
  bool has_unstarted_ = false;
  bool is_blocked_ = false;
  bool is_paused_ = false;
  bool is_stopping_ = false;
  bool is_stopped_ = false;
  std::string failure_;
};

}  // namespace tocsin
