#include "pipeline/output/timestamp.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

namespace tocsin {
namespace {

std::string text_of(std::int64_t time_ms) {
  std::string text(kTimestampLength, ' ');
  write_timestamp(text.data(), time_ms);
  return text;
}

std::string two(int value) { return (value < 10 ? "0" : "") + std::to_string(value); }

TEST(Timestamp, WritesKnownTimes) {
  EXPECT_EQ(text_of(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(text_of(-1), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(text_of(951'782'400'000), "2000-02-29T00:00:00.000Z");
  EXPECT_EQ(text_of(1'795'250'400'125), "2026-11-21T08:40:00.125Z");
  EXPECT_EQ(text_of(4'107'542'399'999), "2100-02-28T23:59:59.999Z");
  EXPECT_EQ(text_of(4'107'542'400'000), "2100-03-01T00:00:00.000Z");
}

TEST(Timestamp, StaysWithinTheYearsThatCanBeWritten) {
  EXPECT_EQ(text_of(kTimestampMinMs), "0001-01-01T00:00:00.000Z");
  EXPECT_EQ(text_of(kTimestampMaxMs), "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(text_of(std::numeric_limits<std::int64_t>::min()), text_of(kTimestampMinMs));
  EXPECT_EQ(text_of(std::numeric_limits<std::int64_t>::max()), text_of(kTimestampMaxMs));
}

TEST(Timestamp, FollowsTheCalendarForEightHundredYears) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  std::int64_t day = 0;
  for (int year = 1970; year < 2770; ++year) {
    const bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    for (int month = 1; month <= 12; ++month) {
      const int days = kDays[month - 1] + (month == 2 && is_leap ? 1 : 0);
      for (int i = 1; i <= days; ++i, ++day) {
        ASSERT_EQ(text_of(day * 86'400'000).substr(0, 10),
                  std::to_string(year) + "-" + two(month) + "-" + two(i));
      }
    }
  }
}

}  // namespace
}  // namespace tocsin
