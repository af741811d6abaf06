// How the work is spread over threads, cut into epochs and kept. Nothing here can change a score.

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace tocsin {

/// What a partition's state is made from when the group has an offset but there is no state topic.
enum class Rebuild : std::uint8_t {
  from_input,  ///< From the earliest retained record on, without writing anything.
  nothing,     ///< From nothing: everything warms up again.
};

/// What to do when input that a restore needs is gone.
enum class OnGap : std::uint8_t {
  refuse,   ///< The process ends and says so.
  proceed,  ///< The state goes on without it; the journal says so.
};

struct FlowSettings {
  int workers = 1;
  std::int64_t epoch_ms = 200;               ///< Interval of transactions.
  std::size_t epoch_bytes_max = 16U << 20U;  ///< Output bytes that cut an epoch early.
  std::size_t epoch_records_max = 100'000;   ///< Output records that do.
  std::size_t batch_rows_max = 512;          ///< 1 to Batch::kRowsMax; tests vary it.
  std::size_t ring_batches = 16;             ///< Batches in flight to each worker; a power of two.
  Rebuild rebuild = Rebuild::from_input;
  std::int64_t drain_timeout_ms = 10'000;  ///< A revocation waits at most this long for its commit.

  // State topics.
  std::string app;                             ///< They are `<app>-state-<input topic>`.
  std::uint64_t owner = 0;                     ///< This instance, in what it writes for itself.
  bool is_exact = true;                        ///< Transactions: state and offset cannot disagree.
  std::int64_t snapshot_interval_ms = 60'000;  ///< Of one partition.
  std::uint64_t snapshot_records = 0;          ///< Sooner after so many records; 0: only by time.
  /// A snapshot goes into the epochs of half its interval, but at least so much of it at once.
  std::size_t state_bytes_per_epoch_min = 1U << 20U;
  /// Copied beside the rows of one batch: at 400 bytes an event, a tenth of a percent of the work.
  std::size_t state_chunks_per_batch = 16;
  OnGap on_gap = OnGap::refuse;
  /// Input partitions that the operator lets begin somewhere: where the group has no offset, there,
  /// in a new lineage, whatever state there is. Others begin at their earliest record.
  std::map<std::pair<std::string, std::int32_t>, std::int64_t> from;
};

}  // namespace tocsin
