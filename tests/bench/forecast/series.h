// Series whose distribution is known at every moment, however irregular the moments are.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "tests/bench/contract/families.h"

namespace tocsin::bench {

/// A value at any later time.
class TimedSeries {
 public:
  virtual ~TimedSeries() = default;
  /// Times do not go back.
  virtual double at(std::int64_t time_ms) = 0;
  /// As of a `Series`.
  virtual double scale() const = 0;
};

struct TimedKind {
  std::string_view name;
  bool has_atoms = false;
  std::function<std::unique_ptr<TimedSeries>(std::uint64_t seed)> make;
};
const std::vector<TimedKind>& timed_kinds();

/// When events come.
struct Arrival {
  std::string_view name;
  std::int64_t interval_ms = 0;
  bool is_irregular = false;  ///< Exponential intervals.
  bool has_gaps = false;      ///< One event in 200 is followed by an hour to two days of nothing.
};
const std::vector<Arrival>& arrivals();

/// The time of the event after that at `time_ms`.
std::int64_t next_arrival(const Arrival& arrival, std::int64_t time_ms, Chance& chance);

}  // namespace tocsin::bench
