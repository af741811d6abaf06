// Refits computed on the spot, by whoever begins them.

#pragma once

#include <map>

#include "pipeline/scoring/partition.h"

namespace tocsin {

/// Threads: one.
class InlineRefits final : public RefitRunner {
 public:
  Ticket begin(const Refit& refit, ConstState block) override;
  bool is_done(Ticket ticket) const override;
  Finished take(Ticket ticket) override;
  void drop(Ticket ticket) override;

 private:
  Ticket last_ = 0;
  std::map<Ticket, Finished> finished_;
};

}  // namespace tocsin
