#include "pipeline/output/timestamp.h"

#include <algorithm>

#include "detectors/floor_divide.h"
#include "detectors/gregorian_date.h"
#include "pipeline/output/two_digits.h"

namespace tocsin {
namespace {

constexpr std::int64_t kMsPerDay = 86'400'000;

}  // namespace

std::int64_t within_timestamps(std::int64_t time_ms) {
  return std::clamp(time_ms, kTimestampMinMs, kTimestampMaxMs);
}

void write_timestamp(char* to, std::int64_t time_ms) {
  const std::int64_t within = within_timestamps(time_ms);
  const GregorianDate date = date_of(floor_divide(within, kMsPerDay));
  const auto year = static_cast<unsigned>(date.year);
  const auto ms_of_day = static_cast<unsigned>(floor_modulo(within, kMsPerDay));
  const unsigned seconds = ms_of_day / 1000;
  const unsigned ms = ms_of_day % 1000;
  write_two_digits(to, year / 100);
  write_two_digits(to + 2, year % 100);
  to[4] = '-';
  write_two_digits(to + 5, static_cast<unsigned>(date.month));
  to[7] = '-';
  write_two_digits(to + 8, static_cast<unsigned>(date.day));
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
