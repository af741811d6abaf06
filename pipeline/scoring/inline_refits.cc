#include "pipeline/scoring/inline_refits.h"

#include <chrono>
#include <utility>

namespace tocsin {

RefitRunner::Ticket InlineRefits::begin(const Refit& refit, ConstState block) {
  const auto began = std::chrono::steady_clock::now();  // For the metric only.
  Finished finished{.result = std::vector<std::byte>(refit.result_bytes())};
  refit.run(block, finished.result);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  finished.seconds = took.count();
  finished_.emplace(++last_, std::move(finished));
  return last_;
}

bool InlineRefits::is_done(Ticket ticket) const { return finished_.contains(ticket); }

RefitRunner::Finished InlineRefits::take(Ticket ticket) {
  auto node = finished_.extract(ticket);
  return std::move(node.mapped());
}

void InlineRefits::drop(Ticket ticket) { finished_.erase(ticket); }

}  // namespace tocsin
