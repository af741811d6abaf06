// The two clocks of the process.

#pragma once

#include <chrono>
#include <cstdint>

namespace tocsin {

/// For durations; the Stopwatch of the pipeline.
inline std::uint64_t steady_nanoseconds() {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                        std::chrono::steady_clock::now().time_since_epoch())
                                        .count());
}

/// For people: milliseconds since 1970.
inline std::int64_t wall_clock_milliseconds() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace tocsin
