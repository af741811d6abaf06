// The input of tests/chaos: events that exercise everything a score can depend on.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/log/log.h"

namespace tocsin {

/// One record on its way into a topic.
struct ChaosEvent {
  std::uint16_t topic = 0;  ///< 0: requests, 1: readings.
  std::string key;
  std::string value;
  std::vector<HeaderView> headers;  ///< Of constants.
};

/// Event `number` under `seed`: requests of services, some of which degrade and recover, and
/// readings of sensors whose fields are discovered; new entities all the time, so that old ones are
/// forgotten; every hundredth cannot be scored, each for another reason.
ChaosEvent chaos_event(std::uint64_t seed, std::uint64_t number);

}  // namespace tocsin
