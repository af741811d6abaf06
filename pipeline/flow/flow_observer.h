// What the stages tell whoever watches: rare events, worth a line in a log.

#pragma once

#include <cstdint>
#include <string_view>

#include "pipeline/scoring/partition.h"
#include "pipeline/snapshot/state_record.h"

namespace tocsin {

/// Threads: called by the ingest and emit stages, and where it says so by workers, possibly at
/// once.
class FlowObserver {
 public:
  virtual ~FlowObserver() = default;

  /// A partition begins at `start`. Records before `live_from` only rebuild the state.
  struct Began {
    std::string_view topic;
    std::int32_t partition = 0;
    std::int64_t start = 0;
    std::int64_t live_from = 0;
    bool has_committed = false;     ///< The group had a committed offset here.
    std::uint64_t state_bytes = 0;  ///< Read from the state topic.
  };
  virtual void partition_began(const Began& began) = 0;
  /// The rebuilding has reached the committed offset.
  virtual void partition_live(std::string_view topic, std::int32_t partition) = 0;
  /// After a rebalance a partition is ours as before, and goes on with the state it has.
  virtual void partition_kept(std::string_view /*topic*/, std::int32_t /*partition*/) {}
  /// A partition's saved state is in place, but for the input since. By a worker.
  struct Restored {
    std::string_view stream;
    std::string_view topic;
    std::int32_t partition = 0;
    const RestoreReport& report;
  };
  virtual void partition_restored(const Restored& /*restored*/) {}
  /// The state of a partition lacks input, about so many records, and goes on all the same: what
  /// is scored before offset `until` says so. By a worker.
  struct Gap {
    std::string_view topic;
    std::int32_t partition = 0;
    std::int64_t missing = 0;
    std::int64_t until = 0;
  };
  virtual void state_has_gap(const Gap& /*gap*/) {}
  /// A snapshot's cut was made; its pieces follow. By a worker.
  virtual void snapshot_begun(std::string_view /*topic*/, std::int32_t /*partition*/) {}
  /// A snapshot is complete and committed, and the next offset names it. By a worker.
  virtual void snapshot_named(std::string_view /*topic*/, std::int32_t /*partition*/,
                              const SnapshotEnd& /*sum*/) {}
  /// An orderly end had no time to save everything: the next start replays more input.
  virtual void state_left_unsaved() {}
  virtual void partitions_revoked(std::size_t count, bool are_lost) = 0;
  /// Records expired before they were read: offsets [from, to) are gone.
  virtual void records_missing(std::string_view topic, std::int32_t partition, std::int64_t from,
                               std::int64_t to) = 0;
  /// The topic was deleted and made anew, where the group had come to `committed`. It goes on with
  /// what was learned, from `from` on; offsets, and the ids made of them, begin anew.
  virtual void input_recreated(std::string_view /*topic*/, std::int32_t /*partition*/,
                               std::int64_t /*committed*/, std::int64_t /*from*/) {}
  /// The writer is ready, for the first time or again.
  virtual void producer_opened() = 0;
  /// A call to the log failed and will be made again; `what` names the call.
  virtual void transaction_trouble(std::string_view what, std::string_view reason) = 0;
  /// The log refused a record for good; a substitute takes its place.
  virtual void record_refused(std::string_view reason) = 0;
  /// A record cannot be scored. Called for each of them: whoever logs it takes samples.
  struct Rejected {
    std::string_view topic;
    std::int32_t partition = 0;
    std::int64_t offset = 0;
    std::string_view reason;
  };
  virtual void record_rejected(const Rejected& /*rejected*/) {}
  /// Something waits on the log: offsets that cannot be had yet, for instance.
  virtual void waiting(std::string_view reason) = 0;
};

}  // namespace tocsin
