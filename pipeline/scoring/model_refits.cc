#include "pipeline/scoring/model_refits.h"

namespace tocsin {

ModelRefits::ModelRefits(const Refit* refit, std::size_t models, RefitRunner& runner)
    : refit_(refit), runner_(runner), jobs_(refit != nullptr ? models : 0) {}

ModelRefits::~ModelRefits() {
  for (std::size_t model = 0; model < jobs_.size(); ++model) forget(model);
}

std::optional<RefitAdopted> ModelRefits::settle(std::size_t model, State block) {
  if (refit_ == nullptr) return std::nullopt;
  const Refit::Phase phase = refit_->phase(block);
  if (phase == Refit::Phase::none) return std::nullopt;
  std::optional<RefitRunner::Ticket>& job = jobs_[model];
  if (!job) job = runner_.begin(*refit_, block);
  if (phase == Refit::Phase::running) return std::nullopt;

  RefitAdopted adopted{.waited = !runner_.is_done(*job)};
  const RefitRunner::Finished finished = runner_.take(*job);
  job.reset();
  refit_->adopt(block, finished.result);
  adopted.seconds = finished.seconds;
  return adopted;
}

void ModelRefits::forget(std::size_t model) {
  if (model >= jobs_.size() || !jobs_[model]) return;
  runner_.drop(*jobs_[model]);
  jobs_[model].reset();
}

}  // namespace tocsin
