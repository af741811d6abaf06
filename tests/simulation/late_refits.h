// Refits that are never finished before they must be.

#pragma once

#include <cstddef>
#include <map>
#include <utility>
#include <vector>

#include "pipeline/scoring/partition.h"
#include "tests/simulation/tally.h"

namespace tocsin::simulation {

/// Computes a job when its result is asked for: until then it is unfinished, in every snapshot and
/// at every crash.
///
/// Threads: one.
class LateRefits final : public RefitRunner {
 public:
  explicit LateRefits(Tally& tally) : tally_(tally) {}

  Ticket begin(const Refit& refit, ConstState block) override {
    jobs_.emplace(++last_, Job{.refit = &refit, .block = {block.begin(), block.end()}});
    return last_;
  }
  bool is_done(Ticket) const override { return false; }
  Finished take(Ticket ticket) override {
    const auto node = jobs_.extract(ticket);
    const Job& job = node.mapped();
    Finished finished{.result = std::vector<std::byte>(job.refit->result_bytes())};
    job.refit->run(job.block, finished.result);
    tally_.add("refits that were waited for");
    return finished;
  }
  void drop(Ticket ticket) override {
    tally_.add("refits dropped unfinished");
    jobs_.erase(ticket);
  }

 private:
  struct Job {
    const Refit* refit = nullptr;
    std::vector<std::byte> block;
  };

  Tally& tally_;
  Ticket last_ = 0;
  std::map<Ticket, Job> jobs_;
};

}  // namespace tocsin::simulation
