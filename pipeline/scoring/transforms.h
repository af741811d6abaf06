// From the values in an event to the values that detectors see.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "detectors/detector.h"
#include "pipeline/settings.h"

namespace tocsin {

/// The transforms of all features of a stream, with the layout of what they remember.
///
/// A result that is not a finite number is a missing value; so is
///   log1p        of a value below -1 (and of -1 itself),
///   diff, rate   of an entity's first value (diff: value - last value; rate: the same per second
///                of event time), where the value is missing now (the last one is kept),
///   rate         where event time did not advance, or the value fell: a counter began anew.
/// `hour_of_day` is the hour in UTC, [0, 24), with its fraction: of the event time where the
/// feature has no field, else of the value, an epoch whose magnitude tells its unit.
///
/// Memory: 16 bytes an entity for a diff, 24 for a rate.
/// Threads: immutable.
class Transforms {
 public:
  explicit Transforms(const StreamSettings& settings);

  /// Whether values pass unchanged.
  bool is_identity() const { return steps_.empty(); }
  /// What one entity's transforms remember. Zero bytes are a memory without a value.
  std::size_t state_bytes() const { return state_bytes_; }

  /// Where, of those, a feature's lie.
  struct Memory {
    std::size_t offset = 0, bytes = 0;
  };
  Memory memory_of(std::size_t feature) const { return chains_[feature].memory; }

  struct Event {
    std::span<const double> values;  ///< [dimensions]
    std::uint64_t present = 0;
    std::int64_t time_ms = 0;
  };
  /// Writes the transformed values, 0 where missing, and returns which are present.
  std::uint64_t apply(State memory, const Event& event, std::span<double> out) const;

  /// Events may be missing here: a `diff` would be of values that did not follow one another, and
  /// begins anew. A `rate` is over the time that passed, however many events that held.
  void interrupt(State memory) const;

  /// Whether a transformed value of this feature leads back to the value in the event.
  bool is_invertible(std::size_t feature) const { return chains_[feature].is_invertible; }
  /// A transformed value in the unit in which records show the feature: the event's, where it leads
  /// back there.
  double shown(std::size_t feature, double transformed) const;

 private:
  struct Step {
    Transform transform = Transform::log1p;
    std::size_t memory = 0;  // Offset
  };
  struct Chain {
    std::size_t begin = 0, end = 0;  // Of steps_
    Memory memory;
    bool is_invertible = true;
    bool reads_event_time = false;
  };

  std::vector<Step> steps_;
  std::vector<Chain> chains_;  // [dimensions]
  std::size_t state_bytes_ = 0;
};

}  // namespace tocsin
