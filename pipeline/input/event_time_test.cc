#include "pipeline/input/event_time.h"

#include <gtest/gtest.h>

#include <optional>
#include <string_view>

namespace tocsin {
namespace {

std::optional<std::int64_t> number(std::string_view text, TimeUnit unit = TimeUnit::automatic) {
  return to_time_ms({.text = text, .kind = JsonKind::number}, unit);
}
std::optional<std::int64_t> string(std::string_view text, TimeUnit unit = TimeUnit::automatic) {
  return to_time_ms({.text = text, .kind = JsonKind::string}, unit);
}

TEST(EventTime, ReadsText) {
  EXPECT_EQ(string("1970-01-01"), 0);
  EXPECT_EQ(string("2014-04-01 00:00:00"), 1'396'310'400'000);
  EXPECT_EQ(string("2014-04-01T00:00:00"), 1'396'310'400'000);
  EXPECT_EQ(string("2014-04-01t00:00:00z"), 1'396'310'400'000);
  EXPECT_EQ(string("2014-04-01T02:00:00+02:00"), 1'396'310'400'000);
  EXPECT_EQ(string("2014-03-31T18:30:00-05:30"), 1'396'310'400'000);
  EXPECT_EQ(string("2014-04-01T02:00:00+0200"), 1'396'310'400'000);
  EXPECT_EQ(string("2014-04-01T00:00:00-00:00"), 1'396'310'400'000);
  EXPECT_EQ(string("2014-04-01T00:00:00.1Z"), 1'396'310'400'100);
  EXPECT_EQ(string("2014-04-01T00:00:00.123999999999999999999Z"), 1'396'310'400'123);
  EXPECT_EQ(string("2024-02-29"), 1'709'164'800'000);
  EXPECT_EQ(string("2000-02-29"), 951'782'400'000);
  EXPECT_EQ(string("1969-12-31T23:59:59.999Z"), -1);
  EXPECT_EQ(string("0001-01-01"), -62'135'596'800'000);
  EXPECT_EQ(string("9999-12-31T23:59:59.999Z"), 253'402'300'799'999);
}

TEST(EventTime, CountsEveryDay) {
  std::int64_t day = 0;
  for (int year = 1970; year < 2110; ++year) {
    for (int month = 1; month <= 12; ++month) {
      for (int d = 1; d <= 31; ++d) {
        char text[16];
        std::snprintf(text, sizeof text, "%04d-%02d-%02d", year, month, d);
        const std::optional<std::int64_t> time = string(text);
        if (!time) {
          ASSERT_GT(d, 28) << text;
          continue;
        }
        ASSERT_EQ(*time, day++ * 86'400'000) << text;
      }
    }
  }
  EXPECT_EQ(day, 51'134);
}

TEST(EventTime, ToleratesLeapSecondsOnlyAtTheEndOfADay) {
  EXPECT_EQ(string("2016-12-31T23:59:60Z"), 1'483'228'800'000);
  EXPECT_EQ(string("2016-12-31T23:59:60.5Z"), 1'483'228'800'500);
  EXPECT_EQ(string("2017-01-01T05:29:60+05:30"), 1'483'228'800'000);
  EXPECT_EQ(string("2016-12-31T22:59:60Z"), std::nullopt);
  EXPECT_EQ(string("2016-12-31T23:59:61Z"), std::nullopt);
}

TEST(EventTime, IsStrictAboutText) {
  for (const std::string_view text : {"",
                                      "yesterday",
                                      "2014-4-1",
                                      "2014-04-01T",
                                      "2014-04-01T00:00",
                                      "2014-04-01T00:00:00.",
                                      "2014-04-01T00:00:00.Z",
                                      "2014-04-01T00:00:00+2:00",
                                      "2014-04-01T00:00:00+24:00",
                                      "2014-04-01T00:00:00Zx",
                                      " 2014-04-01",
                                      "2014-04-01 ",
                                      "2014-13-01",
                                      "2014-00-01",
                                      "2014-04-31",
                                      "2014-04-00",
                                      "2015-02-29",
                                      "1900-02-29",
                                      "2014-04-01T24:00:00",
                                      "2014-04-01T00:60:00",
                                      "0000-01-01",
                                      "2014-04-01T00:00:00,5",
                                      "2014/04/01",
                                      "20140401T000000",
                                      "-014-04-01",
                                      "+014-04-01",
                                      "2014-04-01T-1:00:00",
                                      "0001-01-01T00:00:00+00:01",
                                      "9999-12-31T23:59:60Z"}) {
    EXPECT_EQ(string(text), std::nullopt) << text;
  }
}

TEST(EventTime, TellsTheUnitOfANumberByItsMagnitude) {
  EXPECT_EQ(number("1751000000"), 1'751'000'000'000);
  EXPECT_EQ(number("1751000000123"), 1'751'000'000'123);
  EXPECT_EQ(number("1751000000123456"), 1'751'000'000'123);
  EXPECT_EQ(number("1751000000123456789"), 1'751'000'000'123);
  EXPECT_EQ(number("0"), 0);
  EXPECT_EQ(number("99999999999"), 99'999'999'999'000);
  EXPECT_EQ(number("100000000000"), 100'000'000'000);
  EXPECT_EQ(number("99999999999999"), 99'999'999'999'999);
  EXPECT_EQ(number("100000000000000"), 100'000'000'000);
  EXPECT_EQ(number("99999999999999999"), 99'999'999'999'999);
  EXPECT_EQ(number("100000000000000000"), 100'000'000'000);
  EXPECT_EQ(number("-1751000000123"), -1'751'000'000'123);
}

TEST(EventTime, ReadsFractionsAndExponentsExactly) {
  EXPECT_EQ(number("1751000000.123"), 1'751'000'000'123);
  EXPECT_EQ(number("1751000000.1239999999999999999999"), 1'751'000'000'123);
  EXPECT_EQ(number("1.751000000123E9"), 1'751'000'000'123);
  EXPECT_EQ(number("1.751e+12"), 1'751'000'000'000);
  EXPECT_EQ(number("1751000000123.999"), 1'751'000'000'123);
  EXPECT_EQ(number("17510000001230e-1"), 1'751'000'000'123);
  EXPECT_EQ(number("-0.001"), -1);
  EXPECT_EQ(number("-0.0011"), -2);
  EXPECT_EQ(number("-1e-400"), -1);
  EXPECT_EQ(number("1e-400"), 0);
  EXPECT_EQ(number("0e999999999"), 0);
}

TEST(EventTime, ReadsNumbersInTheirUnit) {
  EXPECT_EQ(number("5", TimeUnit::s), 5000);
  EXPECT_EQ(number("5", TimeUnit::ms), 5);
  EXPECT_EQ(number("5999", TimeUnit::us), 5);
  EXPECT_EQ(number("-5999", TimeUnit::us), -6);
  EXPECT_EQ(number("5999999", TimeUnit::ns), 5);
  EXPECT_EQ(number("1751000000123456789", TimeUnit::ns), 1'751'000'000'123);
  EXPECT_EQ(string("5", TimeUnit::s), 5000);
  EXPECT_EQ(string("1751000000.5"), 1'751'000'000'500);
}

TEST(EventTime, RefusesWhatIsNoTimeInItsUnit) {
  EXPECT_EQ(number("5", TimeUnit::text), std::nullopt);
  EXPECT_EQ(string("5", TimeUnit::text), std::nullopt);
  EXPECT_EQ(string("2014-04-01", TimeUnit::ms), std::nullopt);
  EXPECT_EQ(number("253402300800", TimeUnit::s), std::nullopt);
  EXPECT_EQ(number("253402300799999", TimeUnit::ms), 253'402'300'799'999);
  EXPECT_EQ(number("253402300800000", TimeUnit::ms), std::nullopt);
  EXPECT_EQ(number("-62135596800001", TimeUnit::ms), std::nullopt);
  EXPECT_EQ(number("1e30", TimeUnit::ns), std::nullopt);
  EXPECT_EQ(number("1e999999999999"), std::nullopt);
  EXPECT_EQ(number("9223372036854775807", TimeUnit::s), std::nullopt);
  EXPECT_EQ(number("-9223372036854775808"), -9'223'372'036'855);
  EXPECT_EQ(to_time_ms({.text = "true", .kind = JsonKind::boolean}, TimeUnit::automatic),
            std::nullopt);
  EXPECT_EQ(to_time_ms({.text = "", .kind = JsonKind::object}, TimeUnit::automatic), std::nullopt);
}

}  // namespace
}  // namespace tocsin
