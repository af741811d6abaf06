#include "detectors/forecast/time_zone.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace tocsin {
namespace {

constexpr std::int64_t kHour = 3'600'000;

/// Milliseconds since 1970 of an hour of a day, UTC.
std::int64_t utc(std::string_view day, int hour) {
  return *parse_day(day) * 24 * kHour + hour * kHour;
}

std::int64_t hours(std::string_view zone, std::string_view day, int hour) {
  return TimeZone::parse(zone)->offset_ms(utc(day, hour)) / kHour;
}

TEST(TimeZone, KnowsDaysSince1970) {
  EXPECT_EQ(*parse_day("1970-01-01"), 0);
  EXPECT_EQ(*parse_day("1969-12-31"), -1);
  EXPECT_EQ(*parse_day("2000-03-01"), 11017);
  EXPECT_EQ(*parse_day("2026-11-21"), 20778);
  for (const std::string_view day : {"1970-01-01", "2024-02-29", "0004-12-31", "2026-01-01"}) {
    EXPECT_EQ(format_day(*parse_day(day)), day);
  }
  for (const std::string_view wrong :
       {"2026-02-29", "2026-13-01", "2026-00-01", "2026-1-1", "26-01-01", "2026-12-25x", ""}) {
    EXPECT_FALSE(parse_day(wrong)) << wrong;
  }
}

TEST(TimeZone, ChangesToSummerAndBack) {
  // 2026: 29 March and 25 October, at one o'clock UTC.
  EXPECT_EQ(hours("Europe/Berlin", "2026-03-29", 0), 1);
  EXPECT_EQ(hours("Europe/Berlin", "2026-03-29", 1), 2);
  EXPECT_EQ(hours("Europe/Berlin", "2026-10-25", 0), 2);
  EXPECT_EQ(hours("Europe/Berlin", "2026-10-25", 1), 1);
  // 2026: 8 March at 10:00 UTC, and 1 November at 9:00 UTC.
  EXPECT_EQ(hours("America/Los_Angeles", "2026-03-08", 9), -8);
  EXPECT_EQ(hours("America/Los_Angeles", "2026-03-08", 10), -7);
  EXPECT_EQ(hours("America/Los_Angeles", "2026-11-01", 8), -7);
  EXPECT_EQ(hours("America/Los_Angeles", "2026-11-01", 9), -8);
}

TEST(TimeZone, HasSummerAroundTheNewYearInTheSouth) {
  EXPECT_EQ(hours("Australia/Sydney", "2026-01-01", 0), 11);
  EXPECT_EQ(hours("Australia/Sydney", "2026-07-01", 0), 10);
  EXPECT_EQ(hours("Australia/Sydney", "2026-12-31", 23), 11);
}

TEST(TimeZone, TakesOffsets) {
  EXPECT_EQ(TimeZone::parse("+05:30")->offset_ms(0), 11 * kHour / 2);
  EXPECT_EQ(TimeZone::parse("-3")->offset_ms(0), -3 * kHour);
  EXPECT_EQ(TimeZone::parse("<-03>3")->offset_ms(0), -3 * kHour);
  EXPECT_EQ(TimeZone::parse("UTC")->offset_ms(0), 0);
}

TEST(TimeZone, RefusesWhatIsNone) {
  for (const std::string_view wrong :
       {"", "CET", "Europe/Nowhere", "UTC+2", "GMT-1", "CET-1CEST", "CET-1CEST,M3.5.0",
        "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.6.0,M10.5.0", "+25:00", "+1x",
        "CET-1CEST,J60,J300"}) {
    EXPECT_FALSE(TimeZone::parse(wrong)) << wrong;
  }
  EXPECT_NE(TimeZone::parse("CET").error().message.find("Europe/Berlin"), std::string::npos);
}

TEST(Calendar, HasLocalDaysAndHolidays) {
  const Calendar calendar(*TimeZone::parse("+02:00"), {*parse_day("2026-11-20")});

  // Thursday, eleven at night in UTC, is a Friday there, and a holiday.
  EXPECT_EQ(calendar.at(utc("2026-11-19", 23)).weekday, 6);
  EXPECT_EQ(calendar.at(utc("2026-11-19", 21)).weekday, 3);
  EXPECT_EQ(calendar.at(utc("2026-11-20", 21)).weekday, 6);
  EXPECT_EQ(calendar.at(utc("2026-11-20", 22)).weekday, 5);
}

TEST(Calendar, BearsAnyTime) {
  const Calendar calendar(*TimeZone::parse("Europe/Berlin"), {0});
  for (const std::int64_t time :
       {std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()}) {
    const Moment moment = calendar.at(time);
    EXPECT_GE(moment.weekday, 0);
    EXPECT_LE(moment.weekday, 6);
  }
}

}  // namespace
}  // namespace tocsin
