#include "detectors/gregorian_date.h"

#include <gtest/gtest.h>

namespace tocsin {
namespace {

TEST(GregorianDate, KnowsDaysSince1970) {
  EXPECT_EQ(days_since_1970({.year = 1970, .month = 1, .day = 1}), 0);
  EXPECT_EQ(days_since_1970({.year = 1969, .month = 12, .day = 31}), -1);
  EXPECT_EQ(days_since_1970({.year = 2000, .month = 3, .day = 1}), 11'017);
  EXPECT_EQ(days_since_1970({.year = 0, .month = 3, .day = 1}), -719'468);
}

TEST(GregorianDate, FollowsDayByDayForTwoCycles) {
  GregorianDate date{.year = -401, .month = 1, .day = 1};
  std::int64_t day = days_since_1970(date);
  while (date.year < 401) {
    ASSERT_EQ(days_since_1970(date), day);
    ASSERT_EQ(date_of(day), date) << date.year << '-' << date.month << '-' << date.day;

    ++day;
    if (++date.day <= days_in_month(date.year, date.month)) continue;
    date.day = 1;
    if (++date.month <= 12) continue;
    date.month = 1;
    ++date.year;
  }
}

}  // namespace
}  // namespace tocsin
