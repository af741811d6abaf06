// A real disturbance of this machine, for the demo to notice.

#pragma once

#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string>

namespace tocsin {

enum class Disturbance : std::uint8_t {
  cpu,      ///< Every core computes.
  network,  ///< Two hundred threads send over the loopback interface, 100 MB/s in all.
};

/// What stands out on this machine: CPU, unless that is busy already. Loopback never is.
Disturbance fitting_disturbance(double busy_percent);

/// The one to try when that one is not noticed.
Disturbance other_than(Disturbance disturbance);

/// "every CPU is kept busy", to follow "for 5 seconds".
std::string describe(Disturbance disturbance);

/// Disturbs for `duration`, or until `stop`.
void disturb(Disturbance disturbance, std::chrono::milliseconds duration,
             const std::stop_token& stop);

}  // namespace tocsin
