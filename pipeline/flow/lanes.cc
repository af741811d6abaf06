#include "pipeline/flow/lanes.h"

#include <algorithm>

namespace tocsin {

Batch* Lanes::take(std::size_t worker) {
  Batch* batch = nullptr;
  if (workers_[worker]->returned_batches.pop(batch)) return batch;
  Lane& lane = lanes_[worker];
  lane.batches.push_back(std::make_unique<Batch>());
  return lane.batches.back().get();
}

void Lanes::send(std::size_t worker, Batch* batch) {
  lanes_[worker].pending.push_back(batch);
  push_pending();
}

bool Lanes::push_pending() {
  bool is_empty = true;
  for (std::size_t w = 0; w < lanes_.size(); ++w) {
    auto& pending = lanes_[w].pending;
    WorkerLinks& links = *workers_[w];
    const bool had_some = !pending.empty();
    while (!pending.empty() && links.inbox.size() < ring_batches_ &&
           links.inbox.push(pending.front()))
      pending.pop_front();
    if (had_some) links.bell.ring();
    is_empty = is_empty && pending.empty();
  }
  return is_empty;
}

bool Lanes::is_blocked() const {
  return std::any_of(lanes_.begin(), lanes_.end(),
                     [](const Lane& lane) { return !lane.pending.empty(); });
}

std::size_t Lanes::assign() {
  const auto least =
      std::min_element(lanes_.begin(), lanes_.end(),
                       [](const Lane& a, const Lane& b) { return a.partitions < b.partitions; });
  ++least->partitions;
  return static_cast<std::size_t>(least - lanes_.begin());
}

}  // namespace tocsin
