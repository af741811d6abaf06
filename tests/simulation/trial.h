// One run, and whether it came out as it had to.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/simulation/sabotage.h"
#include "tests/simulation/schedule.h"
#include "tests/simulation/tally.h"

namespace tocsin::simulation {

struct Trial {
  std::optional<std::string> difference;  ///< The first one found; empty: all is as it must be.
  std::string history;                    ///< Equal for equal runs.
};

/// Carries out a schedule and compares what is committed with a sequential run of the same input:
/// outputs byte for byte and in order, nothing missing and nothing twice (at least once: but for
/// what was written before), and what the partitions' owners have learned.
Trial carry_out(const Schedule& schedule, Tally& tally, const SabotageKind* sabotage = nullptr);

/// Leaves out actions while the run still fails; what remains all matters.
Schedule shrink(const Schedule& failing, const SabotageKind* sabotage = nullptr);

}  // namespace tocsin::simulation
