// A partition: everything that its events have taught, and what the next one makes of it.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/detector.h"
#include "detectors/result.h"
#include "pipeline/input/batch.h"
#include "pipeline/scoring/counters.h"
#include "pipeline/scoring/outcome.h"
#include "pipeline/scoring/partition_cut.h"
#include "pipeline/settings.h"

namespace tocsin {

/// Where refits are computed: `ThreadedRefits` uses a thread of its own, `InlineRefits` computes on
/// the spot; which of them is used cannot be seen in any score.
class RefitRunner {
 public:
  using Ticket = std::uint64_t;
  virtual ~RefitRunner() = default;
  /// Takes a copy of `block` and begins. `refit` outlives the runner's jobs.
  virtual Ticket begin(const Refit& refit, ConstState block) = 0;
  virtual bool is_done(Ticket ticket) const = 0;
  /// The finished result and what it took, waiting if it must; the ticket is then spent.
  struct Finished {
    std::vector<std::byte> result;
    double seconds = 0;
  };
  virtual Finished take(Ticket ticket) = 0;
  /// The result is no longer wanted; afterwards nothing uses the job's `Refit`.
  virtual void drop(Ticket ticket) = 0;
};

/// A row of the ledger that `tocsin check` prints.
struct LedgerRow {
  std::string part;  ///< "key and header", "half_space_trees", "calibration", …
  std::size_t bytes = 0;
};

/// A stream's settings, compiled: detectors built, and the layout of every block fixed.
///
/// Threads: immutable, shared by all.
class StreamPlan {
 public:
  /// With `Detail::full`, features and detectors are filled in for every event, not for anomalies
  /// only. Fails where the settings of a detector contradict one another, or the budget of
  /// entities holds not even one.
  static Result<std::shared_ptr<const StreamPlan>> make(const StreamSettings& settings,
                                                        Detail detail = Detail::minimal);
  ~StreamPlan();

  const StreamSettings& settings() const;
  /// Bytes of one entity, part by part, and of one partition's shared blocks.
  std::span<const LedgerRow> entity_ledger() const;
  std::span<const LedgerRow> partition_ledger() const;
  std::size_t entity_bytes() const;     ///< Whole slot, index included.
  std::size_t entities_max() const;     ///< That fit one partition's budget.
  std::size_t partition_bytes() const;  ///< Shared blocks and the budget of entities.
  /// Hash of all that decides the meaning of the state's bytes: 16 hex digits.
  const std::string& definition_hash() const;
  /// The same of what decides the meaning of a decoder's saved bytes. Where features are
  /// discovered it is part of the other: a decoder that begins anew gives other columns.
  const std::string& input_definition_hash() const;

  struct Inside;
  const Inside& inside() const { return *inside_; }

 private:
  explicit StreamPlan(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

/// Reads nanoseconds of a steady clock, for timing only; null where nothing is timed.
using Stopwatch = std::uint64_t (*)();

/// One partition of one topic of a stream.
///
/// A result depends on the plan and on the rows handled so far, in order, and on nothing else:
/// not on how they were cut into batches, not on time, threads or restarts.
/// Threads: one worker at a time.
class Partition {
 public:
  struct Place {
    std::string topic;
    std::int32_t number = 0;
  };
  /// `refits`, `counters` outlive the partition.
  Partition(std::shared_ptr<const StreamPlan> plan, Place place, RefitRunner& refits,
            StreamCounters& counters, Stopwatch stopwatch);
  ~Partition();
  Partition(const Partition&) = delete;
  Partition& operator=(const Partition&) = delete;

  /// From now on counts into `counters`, moving its share of the levels there.
  void count_into(StreamCounters& counters);

  /// Handles all rows of `batch`, in order; each becomes exactly one outcome.
  void handle(const Batch& batch, OutcomeSink& sink);

  /// Records that should come here are gone: what comes next does not follow on what came. Nothing
  /// is taken for quiet, rare or recovered because of it. It is part of the state; before the first
  /// record it is nothing.
  void note_gap();

  const Place& place() const;
  std::uint64_t sequence() const;    ///< Records handled, tombstones and rejected included.
  std::int64_t next_offset() const;  ///< One past the last record handled; -1: none yet.
  std::size_t state_bytes() const;
  std::size_t entities() const;  ///< Known now.

  /// An entity as people may see it.
  struct EntityView {
    std::string_view key;
    std::uint64_t last_seen = 0;  ///< The partition's sequence with its last event.
    bool is_warm = false;
    bool has_incident = false;  ///< One is open.
  };
  /// In the order in which they lie in memory. Views are valid until the call returns.
  void each_entity(const std::function<void(const EntityView&)>& take) const;

  /// Makes a cut between two records and returns its head: all state that does not lie in
  /// chunks. The chunks come by `take_copied`, as they were at the cut, while events go on being
  /// handled; `copy_some` sees to those that no event writes. The previous cut is complete and
  /// taken. Of a series of `changed` cuts the newest version of each chunk and the latest head
  /// are the state at the latest cut; whoever has lost one of them asks for a `whole` cut.
  std::string begin_cut(CutScope scope);
  /// Copies up to so many due chunks and returns whether any remain.
  bool copy_some(std::size_t chunks);
  bool is_cutting() const;
  /// What has been copied since the last call.
  std::vector<CutChunk> take_copied();

  /// Appends a whole cut of this moment, head and chunks. Equal histories give equal bytes.
  void save(std::string& out) const;

  /// Restores, step by step, a partition that has seen nothing; it handles events afterwards.
  /// Any failure leaves it of no use: it is dropped. What was saved under another definition is
  /// kept block by block, as the report says.
  Result<void> begin_restore(std::string_view head);
  /// In any order; the last one put for a chunk counts.
  Result<void> put(const CutChunkView& chunk);
  /// Every chunk that the head counts must have come.
  Result<RestoreReport> finish_restore();

 private:
  class Inside;
  std::unique_ptr<Inside> inside_;
};

/// What a restore from this head would report, told beforehand, without the chunks. Where not all
/// entities fit, their number is an upper bound.
Result<RestoreReport> foreseen_restore(std::string_view head, const StreamPlan& plan);

}  // namespace tocsin
