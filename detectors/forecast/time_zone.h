// What the clock shows where the events are made.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/forecast/seasons.h"
#include "detectors/result.h"

namespace tocsin {

/// An offset from UTC, and the rule by which it changes in summer. Today's rule holds for all
/// years: nothing is read from the machine, so that the same events have the same hours anywhere.
class TimeZone {
 public:
  /// UTC.
  TimeZone() = default;

  /// `UTC`, an offset as in ISO 8601 (`+05:30`), one of some common names (`Europe/Berlin`), or
  /// a rule as in POSIX (`CET-1CEST,M3.5.0,M10.5.0/3`), whose offsets are west of Greenwich and
  /// whose changes are of the form Mm.w.d.
  static Result<TimeZone> parse(std::string_view text);

  std::int64_t offset_ms(std::int64_t time_ms) const;

  /// A day of a month by its week, and the local time in seconds.
  struct Change {
    int month = 0;    ///< 1..12; 0: there is no summer time
    int week = 0;     ///< 1..5; 5 is the last
    int weekday = 0;  ///< 0 is Sunday, as in POSIX
    int second = 7200;
  };

 private:
  int standard_s_ = 0, summer_s_ = 0;  // east of Greenwich
  Change begin_, end_;
};

/// Clock and calendar of a stream. Holidays are Sundays.
class Calendar {
 public:
  Calendar() = default;
  /// Days since 1970, in any order.
  Calendar(const TimeZone& zone, std::vector<std::int64_t> holidays);

  Moment at(std::int64_t time_ms) const;

 private:
  TimeZone zone_;
  std::vector<std::int64_t> holidays_;  // sorted
};

/// `2026-12-25` as days since 1970.
Result<std::int64_t> parse_day(std::string_view text);
/// The other way round; from the year 0 to 9999.
std::string format_day(std::int64_t day);

}  // namespace tocsin
