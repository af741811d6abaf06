// How often events come, by their own times.

#pragma once

#include <algorithm>
#include <cstdint>

namespace tocsin {

/// The mean interval between events, in event time: of all intervals until there are so many as are
/// remembered, then of about the latest so many.
///
/// An event that is late, or comes with the one before, is an interval of 0, so that intervals add
/// up to the time that has passed. Events in bursts therefore have the rate of the burst only while
/// they are all there is.
class EventRate {
 public:
  static constexpr double kDayMs = 86'400'000;

  /// Flat; zero bytes have seen nothing.
  struct Block {
    std::int64_t last_ms;     ///< The largest time so far; meaningful once there was one.
    float interval_ms;        ///< Mean.
    std::uint32_t intervals;  ///< Learned, at most as many as are remembered.
  };

  /// Learns the interval from the last event to one at `time_ms`, where `is_first` says that there
  /// was none. Returns the interval >= 0, in ms.
  static double see(Block& block, std::int64_t time_ms, bool is_first, std::uint32_t remembered) {
    if (is_first) {
      block.last_ms = time_ms;
      return 0;
    }
    const double interval =
        std::max(0.0, static_cast<double>(time_ms) - static_cast<double>(block.last_ms));
    block.last_ms = std::max(block.last_ms, time_ms);
    learn(block, interval, remembered);
    return interval;
  }

  /// Events before `time_ms` may be missing: the time until then is no interval.
  static void skip_to(Block& block, std::int64_t time_ms) {
    block.last_ms = std::max(block.last_ms, time_ms);
  }

  static void learn(Block& block, double interval_ms, std::uint32_t remembered) {
    if (block.intervals < remembered) ++block.intervals;
    const auto mean = static_cast<double>(block.interval_ms);
    block.interval_ms =
        static_cast<float>(mean + (interval_ms - mean) / static_cast<double>(block.intervals));
  }

  /// Events a day, where `prior` is how often they come elsewhere and weighs `weight` intervals.
  static double per_day(const Block& block, const Block& prior, double weight) {
    const double own = block.intervals;
    const double sum = own * static_cast<double>(block.interval_ms) +
                       weight * static_cast<double>(prior.interval_ms);
    return per_day(sum / (own + weight));
  }
  static double per_day(const Block& block) {
    return per_day(static_cast<double>(block.interval_ms));
  }

 private:
  /// Never more than one in a millisecond.
  static double per_day(double interval_ms) { return kDayMs / std::max(1.0, interval_ms); }
};
static_assert(sizeof(EventRate::Block) == 16, "no padding: equal histories are equal bytes");

}  // namespace tocsin
