// What the stages count, beside what workers count of streams.

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/counter.h"
#include "pipeline/scoring/counters.h"

namespace tocsin {

/// Progress in one input partition.
struct PartitionProgress {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t next_offset = -1;    ///< One past the last committed record; -1: unknown.
  std::int64_t high = -1;           ///< High watermark as last seen; -1: unknown.
  std::int64_t event_time_ms = -1;  ///< Largest event time committed; -1: unknown.
};

/// One worker's counters.
struct WorkerCounters {
  std::vector<std::unique_ptr<StreamCounters>> streams;  ///< [streams], never resized.
  Counter batches;
  DurationCounter batch_seconds;     ///< Handling of one batch.
  Counter queue_batches;             ///< Waiting in its ring now.
  Counter partitions;                ///< It owns now.
  Counter snapshots;                 ///< Complete and named.
  DurationCounter snapshot_seconds;  ///< What one took of the thread.
};

/// Threads: each member is written by the stage named in its comment and read by any.
struct FlowCounters {
  std::vector<std::unique_ptr<WorkerCounters>> workers;  ///< [workers], never resized.

  // Ingest.
  Counter records_read;
  Counter bytes_read;
  Counter assigned_partitions;
  Counter rebalances;
  Counter paused;  ///< 1 while back-pressure pauses the partitions.
  Counter pauses;
  Counter records_replayed;  ///< Handled again, silently, to have the state again.
  Counter restoring;         ///< Partitions whose state is being read or replayed now.
  Counter restore_bytes;     ///< Read from state topics.

  // Emit.
  DurationCounter epoch_seconds;        ///< From the first record read to the commit's end.
  DurationCounter transaction_seconds;  ///< From begin to the commit's end.
  Counter commits;
  Counter aborts;
  Counter reopens;
  Counter records_written;
  Counter bytes_written;
  Counter refused_records;  ///< Replaced by a bounded substitute.
  Counter state_records;    ///< Written to state topics.
  Counter state_bytes;
  Counter last_commit_ms;  ///< Wall clock of the last commit, for watching only; 0: none yet.

  /// By topic and partition, in order. Members of this process only.
  std::vector<PartitionProgress> progress() const;
  /// Emit: after a commit.
  void set_committed(const std::string& topic, std::int32_t partition, std::int64_t next_offset,
                     std::int64_t event_time_ms);
  /// Ingest: from time to time.
  void set_high(const std::string& topic, std::int32_t partition, std::int64_t high);
  /// Ingest: a partition is no longer ours.
  void forget(const std::string& topic, std::int32_t partition);

 private:
  mutable std::mutex mutex_;  ///< Guards progress_.
  std::map<std::pair<std::string, std::int32_t>, PartitionProgress> progress_;
};

}  // namespace tocsin
