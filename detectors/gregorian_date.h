// Dates of the Gregorian calendar, also of years before it was made, and the days between them.
//
// <chrono> knows these too, but what computes results may not include it: it has clocks.

#pragma once

#include <cstdint>

#include "detectors/floor_divide.h"

namespace tocsin {

struct GregorianDate {
  int year = 1970;
  int month = 1;  ///< 1..12
  int day = 1;    ///< 1..31

  bool operator==(const GregorianDate&) const = default;
};

constexpr int days_in_month(int year, int month) {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

// Cycles of 400 years are counted from 1 March of the year 0, and years begin in March: then leap
// days come last, and the lengths of months are a linear formula.
inline constexpr std::int64_t kDaysACycle = 146'097;
inline constexpr std::int64_t kDaysBefore1970 = 719'468;

/// Days since 1970 of a date that exists.
///
/// Source: H. Hinnant, "chrono-compatible low-level date algorithms", days_from_civil. No
/// differences.
constexpr std::int64_t days_since_1970(const GregorianDate& date) {
  const std::int64_t year = date.month > 2 ? date.year : date.year - std::int64_t{1};
  const std::int64_t cycle = floor_divide(year, 400);
  const std::int64_t of_cycle = year - cycle * 400;
  const int month_from_march = date.month > 2 ? date.month - 3 : date.month + 9;
  const int of_year = (153 * month_from_march + 2) / 5 + date.day - 1;
  return cycle * kDaysACycle + of_cycle * 365 + of_cycle / 4 - of_cycle / 100 + of_year -
         kDaysBefore1970;
}

/// The date of a day since 1970, within a million years; the same source, civil_from_days.
constexpr GregorianDate date_of(std::int64_t day) {
  const std::int64_t days = day + kDaysBefore1970;
  const std::int64_t cycle = floor_divide(days, kDaysACycle);
  const auto of_cycle = static_cast<unsigned>(days - cycle * kDaysACycle);
  const unsigned year = (of_cycle - of_cycle / 1460 + of_cycle / 36'524 - of_cycle / 146'096) / 365;
  const unsigned of_year = of_cycle - (365 * year + year / 4 - year / 100);
  const unsigned month_from_march = (5 * of_year + 2) / 153;
  const bool is_next_year = month_from_march >= 10;
  return {.year = static_cast<int>(cycle * 400 + year) + (is_next_year ? 1 : 0),
          .month = static_cast<int>(is_next_year ? month_from_march - 9 : month_from_march + 3),
          .day = static_cast<int>(of_year - (153 * month_from_march + 2) / 5 + 1)};
}

}  // namespace tocsin
