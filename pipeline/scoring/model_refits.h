// The refits of one shared detector's models: begun when due to be under way, adopted when due.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "detectors/detector.h"
#include "pipeline/scoring/partition.h"

namespace tocsin {

/// What settling a model's refit took, for the counters.
struct RefitAdopted {
  bool waited = false;  ///< The job was not done when its result was due.
  double seconds = 0;
};

/// Keeps a job under way for every model whose block says so. The jobs are no state: after a
/// restore the blocks say what is to be begun again.
class ModelRefits {
 public:
  /// For models numbered below `models`. `refit` may be null; it and `runner` outlive this.
  ModelRefits(const Refit* refit, std::size_t models, RefitRunner& runner);
  ~ModelRefits();
  ModelRefits(ModelRefits&&) noexcept = default;
  ModelRefits(const ModelRefits&) = delete;
  ModelRefits& operator=(const ModelRefits&) = delete;
  ModelRefits& operator=(ModelRefits&&) = delete;

  /// Brings `block`, the block of model `model`, to the phase in which it may score and learn.
  std::optional<RefitAdopted> settle(std::size_t model, State block);

  /// The model is gone; its number may be given to another.
  void forget(std::size_t model);

 private:
  const Refit* refit_;
  RefitRunner& runner_;
  std::vector<std::optional<RefitRunner::Ticket>> jobs_;  // [models]
};

}  // namespace tocsin
