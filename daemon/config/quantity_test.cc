#include "daemon/config/quantity.h"

#include <gtest/gtest.h>

#include <cmath>

namespace tocsin {
namespace {

TEST(Quantity, NumbersAreThoseOfJson) {
  EXPECT_EQ(parse_number("0"), 0);
  EXPECT_EQ(parse_number("-12.5e-1"), -1.25);
  EXPECT_EQ(parse_number("9007199254740993"), 9007199254740992.0);
  EXPECT_TRUE(std::isinf(*parse_number("1e999")));
  EXPECT_EQ(parse_number("1e-999"), 0);
  for (const char* text :
       {"", "-", "+1", "01", "0x1", "1.", ".5", "1e", "1_000", "1 ", "nan", ".inf", "٣"}) {
    EXPECT_FALSE(parse_number(text)) << text;
  }
}

TEST(Quantity, DurationsHaveUnits) {
  EXPECT_EQ(parse_duration("200ms"), 200);
  EXPECT_EQ(parse_duration("10s"), 10'000);
  EXPECT_EQ(parse_duration("5m"), 300'000);
  EXPECT_EQ(parse_duration("1h"), 3'600'000);
  EXPECT_EQ(parse_duration("2d"), 172'800'000);
  for (const char* text : {"", "5", "s", "5 s", "-5s", "1.5s", "5S", "5min", "1h30m", "05s"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

TEST(Quantity, SizesHaveUnitsOrAreBytes) {
  EXPECT_EQ(parse_size("4096"), 4096);
  EXPECT_EQ(parse_size("64KiB"), 65'536);
  EXPECT_EQ(parse_size("64MiB"), 67'108'864);
  EXPECT_EQ(parse_size("1GiB"), 1'073'741'824);
  EXPECT_EQ(parse_size("10MB"), 10'000'000);
  for (const char* text : {"", "MiB", "64M", "64mib", "1.5GiB", "-1", "1e6", "0x10"}) {
    EXPECT_FALSE(parse_size(text)) << text;
  }
}

TEST(Quantity, IsWrittenAsItWouldBeRead) {
  for (const double value : {1.0, 999.0, 1000.0, 90'000.0, 7'200'000.0, 86'400'000.0}) {
    EXPECT_EQ(parse_duration(format_duration(value)), value);
  }
  for (const double value : {1.0, 1000.0, 1024.0, 1'500'000.0, 67'108'864.0, 1'073'741'824.0}) {
    EXPECT_EQ(parse_size(format_size(value)), value);
  }
  for (const double value : {0.0, 1e6, 0.05, 1e-9, 1e300, -2.5}) {
    EXPECT_EQ(parse_number(format_number(value)), value);
  }
  EXPECT_EQ(format_number(1e6), "1000000");
  EXPECT_EQ(format_duration(90'000), "90s");
  EXPECT_EQ(format_size(64'000), "64000");
}

}  // namespace
}  // namespace tocsin
