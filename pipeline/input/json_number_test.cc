#include "pipeline/input/json_number.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace tocsin {
namespace {

TEST(JsonNumber, KnowsTheGrammar) {
  for (const std::string_view number :
       {"0", "-0", "10", "0.5", "-1.25", "1e5", "1E+5", "1.0e-5", "12345678901234567890123", "0e0",
        "1234567890123456", "-123456789.123456"}) {
    EXPECT_TRUE(is_json_number(number)) << number;
  }
  for (const std::string_view text :
       {"",   "-",  "+1",  "01",       "-01",   "1.",  ".5",    "1e",  "1e+", "1.e5",  "0x10",
        "1 ", " 1", "NaN", "Infinity", "1_000", "--1", "1.2.3", "1-2", "00",  "1e5.5", "1,5"}) {
    EXPECT_FALSE(is_json_number(text)) << text;
  }
}

TEST(JsonNumber, ChecksInOneStepWhatTheLoopChecks) {
  constexpr std::string_view kLetters = "0019-.e+, 5";
  std::uint64_t seed = 17;
  const auto next = [&seed](std::uint64_t below) {
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (seed >> 33U) % below;
  };
  int numbers = 0;
  for (int i = 0; i < 300'000; ++i) {
    std::string text;
    for (std::uint64_t length = next(19) + 1; length > 0; --length) {
      text.push_back(next(3) == 0 ? kLetters[next(kLetters.size())]
                                  : static_cast<char>('0' + next(10)));
    }
    const std::string behind = text + ",7777777777777777";

    const bool expected = is_json_number(text);

    numbers += expected ? 1 : 0;
    ASSERT_EQ(is_json_number_inside(std::string_view(behind).substr(0, text.size()), behind.size()),
              expected)
        << text;
    ASSERT_EQ(is_json_number_inside(text, text.size()), expected) << text;
  }
  EXPECT_GT(numbers, 10'000);
}

TEST(JsonNumber, IsTheNearestDouble) {
  std::uint64_t seed = 5;
  for (int i = 0; i < 200'000; ++i) {
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    const std::uint64_t digits = seed >> (seed >> 58U);
    std::string text = std::to_string(digits);
    if (text.size() > 1 && (seed & 1U) != 0) text.insert(1 + (seed >> 8U) % (text.size() - 1), ".");
    if ((seed & 6U) == 6) text += "e" + std::to_string(static_cast<int>(seed >> 20U & 511U) - 256);
    if ((seed & 8U) != 0) text.insert(0, "-");

    const std::optional<double> value = to_double(text);

    ASSERT_TRUE(value.has_value()) << text;
    ASSERT_EQ(*value, std::strtod(text.c_str(), nullptr)) << text;
  }
}

TEST(JsonNumber, RoundsIntegersBeyondAMantissa) {
  EXPECT_EQ(to_double("9007199254740993"), 9007199254740992.0);
  EXPECT_EQ(to_double("9007199254740995"), 9007199254740996.0);
  EXPECT_EQ(to_double("123456789012345678901234567890"), 123456789012345678901234567890.0);
}

TEST(JsonNumber, HasNoDoubleBeyondTheRange) {
  EXPECT_FALSE(to_double("1e400"));
  EXPECT_FALSE(to_double("-1e400"));
  EXPECT_FALSE(to_double("1e99999999999999999999"));
  EXPECT_FALSE(to_double("1" + std::string(400, '0')));
  EXPECT_FALSE(to_double("1" + std::string(400, '0') + "e-50"));
  EXPECT_EQ(to_double("1" + std::string(400, '0') + "e-300"), 1e100);
  EXPECT_EQ(to_double("1.7976931348623157e308"), 1.7976931348623157e308);
}

TEST(JsonNumber, IsZeroWhereTooSmall) {
  EXPECT_EQ(to_double("1e-400"), 0.0);
  EXPECT_EQ(to_double("-1e-99999999999999999999"), 0.0);
  EXPECT_EQ(to_double("0." + std::string(400, '0') + "1"), 0.0);
  EXPECT_EQ(to_double("0." + std::string(400, '0') + "1e10"), 0.0);
  EXPECT_EQ(to_double("0e99999999999999999999"), 0.0);
  EXPECT_EQ(to_double("5e-324"), 5e-324);
  EXPECT_FALSE(std::signbit(*to_double("-0")));
  EXPECT_FALSE(std::signbit(*to_double("-0.0e5")));
}

}  // namespace
}  // namespace tocsin
