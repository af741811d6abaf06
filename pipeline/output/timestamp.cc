#include "pipeline/output/timestamp.h"

#include <algorithm>

#include "pipeline/output/two_digits.h"

namespace tocsin {
namespace {

constexpr std::int64_t kMsPerDay = 86'400'000;

struct Date {
  unsigned year = 0;
  unsigned month = 0;
  unsigned day = 0;
};

/// The Gregorian date of a day counted from 0001-01-01, from which 400-year cycles are counted
/// as if each year began on 1 March: leap days then come last.
Date date_of(unsigned days_since_0001) {
  constexpr unsigned kDaysToMarch = 306;  // From 1 March of year 0.
  constexpr unsigned kDaysPerCycle = 146'097;
  const unsigned day = days_since_0001 + kDaysToMarch;
  const unsigned cycle = day / kDaysPerCycle;
  const unsigned day_of_cycle = day % kDaysPerCycle;
  const unsigned year_of_cycle =
      (day_of_cycle - day_of_cycle / 1460 + day_of_cycle / 36'524 - day_of_cycle / 146'096) / 365;
  const unsigned day_of_year =
      day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
  const unsigned month_from_march = (5 * day_of_year + 2) / 153;
  const bool is_next_year = month_from_march >= 10;
  return {.year = cycle * 400 + year_of_cycle + (is_next_year ? 1 : 0),
          .month = is_next_year ? month_from_march - 9 : month_from_march + 3,
          .day = day_of_year - (153 * month_from_march + 2) / 5 + 1};
}

}  // namespace

std::int64_t within_timestamps(std::int64_t time_ms) {
  return std::clamp(time_ms, kTimestampMinMs, kTimestampMaxMs);
}

void write_timestamp(char* to, std::int64_t time_ms) {
  const std::int64_t since_0001 = within_timestamps(time_ms) - kTimestampMinMs;
  const Date date = date_of(static_cast<unsigned>(since_0001 / kMsPerDay));
  const auto ms_of_day = static_cast<unsigned>(since_0001 % kMsPerDay);
  const unsigned seconds = ms_of_day / 1000;
  const unsigned ms = ms_of_day % 1000;
  write_two_digits(to, date.year / 100);
  write_two_digits(to + 2, date.year % 100);
  to[4] = '-';
  write_two_digits(to + 5, date.month);
  to[7] = '-';
  write_two_digits(to + 8, date.day);
  to[10] = 'T';
  write_two_digits(to + 11, seconds / 3600);
  to[13] = ':';
  write_two_digits(to + 14, seconds / 60 % 60);
  to[16] = ':';
  write_two_digits(to + 17, seconds % 60);
  to[19] = '.';
  write_two_digits(to + 20, ms / 10);
  to[22] = static_cast<char>('0' + ms % 10);
  to[23] = 'Z';
}

}  // namespace tocsin
