// The ingest stage's side of the rings: batches on their way to workers.

#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <span>
#include <vector>

#include "pipeline/flow/worker.h"
#include "pipeline/input/batch.h"

namespace tocsin {

/// Batches are made once for a worker and go round. What a full ring does not take waits here, in
/// order: whoever reads more while something waits takes memory without bound.
///
/// Threads: the ingest stage's.
class Lanes {
 public:
  /// `workers` outlives this. Rings are used up to `ring_batches`.
  Lanes(std::span<const std::unique_ptr<WorkerLinks>> workers, std::size_t ring_batches)
      : workers_(workers), ring_batches_(ring_batches), lanes_(workers.size()) {}

  /// An empty batch for `worker`; reset it before use.
  Batch* take(std::size_t worker);
  void send(std::size_t worker, Batch* batch);
  /// Hands over what waits, as far as there is room; true when nothing is left.
  bool push_pending();
  bool is_blocked() const;

  /// The worker with the fewest partitions, for one more.
  std::size_t assign();
  void unassign(std::size_t worker) { --lanes_[worker].partitions; }

  std::size_t size() const { return lanes_.size(); }
  WorkerLinks& links(std::size_t worker) const { return *workers_[worker]; }

 private:
  struct Lane {
    std::vector<std::unique_ptr<Batch>> batches;  // All that were made for this worker.
    std::deque<Batch*> pending;
    std::size_t partitions = 0;
  };
  std::span<const std::unique_ptr<WorkerLinks>> workers_;
  std::size_t ring_batches_;
  std::vector<Lane> lanes_;  // [workers]
};

}  // namespace tocsin
