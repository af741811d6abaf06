// What a start under a configuration would keep of the state that Kafka holds: `check
// --against-running`.

#pragma once

#include <span>
#include <string>
#include <vector>

#include "daemon/config/config.h"
#include "daemon/plans.h"
#include "detectors/result.h"

namespace tocsin {

/// What is foreseen, for people.
struct ForeseenChange {
  std::string text;                   ///< Stream by stream, detector by detector.
  std::vector<std::string> refusals;  ///< Partitions that a start would refuse, and why.
};

/// Reads committed offsets and the heads of snapshots; changes nothing. What only a whole restore
/// finds, `tocsin state verify` does. An error says that Kafka did not answer.
Result<ForeseenChange> foresee_change(const Config& config, std::span<const StreamPlanRef> plans);

}  // namespace tocsin
