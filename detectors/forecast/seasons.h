// What a feature is like at each time of the day and of the week.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace tocsin {

/// When an event happened, on the clock and in the calendar of those who make the events.
struct Moment {
  std::int64_t time_ms = 0;   ///< Since 1970, UTC.
  std::int64_t local_ms = 0;  ///< The same on the local clock.
  int weekday = 0;            ///< 0 is Monday; a holiday is a Sunday.

  /// In UTC, without holidays.
  static Moment utc(std::int64_t time_ms);
};

/// Three seasonal profiles of one feature, as offsets from a level that the owner keeps, and how
/// large residuals are by the hour. All zeros: has seen nothing.
///
/// A day has 72 bins, a week 168; the profile of working days and of weekends is made of the
/// week's. A visit to a bin counts once, by the mean of its events, however many they are, and
/// the memory of a bin is counted in visits: neither bursts nor gaps change what is learned.
/// Between the middles of visited bins offsets are interpolated. Finer than an hour, the week's
/// profiles take their shape from the day's.
///
/// Offsets are in `unit`, rounded to eight significant bits (the upper half of a float).
struct Seasons {
  static constexpr std::size_t kDayBins = 72;
  static constexpr std::size_t kHours = 24;
  static constexpr std::size_t kWeekBins = 7 * kHours;

  /// Events of one bin in a row, not yet learned.
  struct Visit {
    std::int32_t slot;  ///< Bins since 1970.
    std::int32_t bin;
    float weight;  ///< 0: no visit is under way.
    float sum;     ///< Of offsets.
  };

  double unit;                                        ///< 0: nothing varied yet.
  std::array<std::uint16_t, kDayBins> day;            // [bin] offset
  std::array<std::uint16_t, kWeekBins> week;          // [bin] offset
  std::array<std::uint16_t, kHours> size;             // [hour] of residuals, over the usual one
  std::array<std::uint8_t, kDayBins / 2> day_visits;  // [bin / 2] two counts of four bits
  std::array<std::uint8_t, kWeekBins / 2> week_visits;
  Visit day_visit, week_visit;
  float size_sum;  // of the hour's visit
};
static_assert(sizeof(Seasons) == 696);

/// Offsets, each known or not.
struct SeasonalOffsets {
  enum Season : std::size_t { day, day_by_weekend, week, seasons };
  std::array<double, seasons> offset{};  ///< In the feature's unit.
  std::array<bool, seasons> is_known{};
  double size = 1;  ///< How large residuals are at this hour, over the usual size.
};

/// Known: a day after two visits, of its kind of day for the weekend; a week after three.
SeasonalOffsets seasonal_offsets(const Seasons& seasons, const Moment& moment);

/// One event: its offset from the owner's level, and the size of its residual over the usual one.
struct SeasonalEvent {
  double offset = 0;
  double size = 0;
  double scale = 0;  ///< Of offsets: nothing moves a bin by more than a few of them at a time.
  double weight = 1;
};

/// Moments must not go back; `unit` is set.
void learn_season(Seasons& seasons, const Moment& moment, const SeasonalEvent& event);

}  // namespace tocsin
