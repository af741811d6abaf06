#include "pipeline/output/readable.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace tocsin {
namespace {

std::string number(double value) { return std::string(ReadableNumber(value).text()); }
std::string duration(std::int64_t ms) {
  std::string out;
  add_duration(out, ms);
  return out;
}
std::string frequency(double probability) {
  std::string out;
  add_frequency(out, probability);
  return out;
}
std::string name(std::string_view text) {
  std::string out;
  add_name(out, text);
  return out;
}
std::string entity(std::string_view text) {
  std::string out = "> ";
  add_entity(out, text);
  return out.substr(2);
}

TEST(Readable, WritesNumbersInAFewDigits) {
  EXPECT_EQ(number(0), "0");
  EXPECT_EQ(number(-0.0), "0");
  EXPECT_EQ(number(912), "912");
  EXPECT_EQ(number(-912.34567), "-912.3");
  EXPECT_EQ(number(96.4827), "96.48");
  EXPECT_EQ(number(1234), "1234");
  EXPECT_EQ(number(12'345.6), "12,350");
  EXPECT_EQ(number(9'999'999), "10,000,000");
  EXPECT_EQ(number(1.5e14), "150,000,000,000,000");
  EXPECT_EQ(number(1.5e15), "1.5e15");
  EXPECT_EQ(number(0.00012346), "0.0001235");
  EXPECT_EQ(number(0.000012346), "1.235e-5");
  EXPECT_EQ(number(std::numeric_limits<double>::max()), "1.798e308");
  EXPECT_EQ(number(std::numeric_limits<double>::denorm_min()), "4.941e-324");
  EXPECT_EQ(ReadableNumber(-0.00012345678901234567, 17).text(), "-0.00012345678901234567");
}

TEST(Readable, TakesMoreDigitsWhereNumbersWouldLookTheSame) {
  EXPECT_EQ(digits_that_tell_apart(std::array{912.0, 96.5, 181.0}), 3);
  EXPECT_EQ(digits_that_tell_apart(std::array{1000.2, 999.9, 1000.1}), 5);
  EXPECT_EQ(digits_that_tell_apart(std::array{5.0, 5.0}), 3);
  EXPECT_EQ(digits_that_tell_apart(std::array{1.0, 1.0 + 2.3e-16}), 17);
}

TEST(Readable, WritesDurationsByTheirSize) {
  EXPECT_EQ(duration(-5), "0 ms");
  EXPECT_EQ(duration(999), "999 ms");
  EXPECT_EQ(duration(119'000), "119 s");
  EXPECT_EQ(duration(300'000), "5 min");
  EXPECT_EQ(duration(7'800'000), "2 h 10 min");
  EXPECT_EQ(duration(7'200'000), "2 h");
  EXPECT_EQ(duration(260'000'000), "3 days");
}

TEST(Readable, WritesProbabilitiesAsFrequencies) {
  EXPECT_EQ(frequency(1), "1 in 1");
  EXPECT_EQ(frequency(0.3), "1 in 3.3");
  EXPECT_EQ(frequency(9.8765e-5), "1 in 10,000");
  EXPECT_EQ(frequency(4e-7), "1 in 2.5 million");
  EXPECT_EQ(frequency(1e-10), "1 in 10 billion");
  EXPECT_EQ(frequency(1e-13), "fewer than 1 in a trillion");
  EXPECT_EQ(frequency(0), "fewer than 1 in a trillion");
}

TEST(Readable, TakesTheSceneryOutOfNames) {
  EXPECT_EQ(name("größe 🔥"), "größe 🔥");
  EXPECT_EQ(name("a\nb\x1b[31mc\x7f"), "a?b?[31mc?");
  EXPECT_EQ(name("a\u0085b\u2028c\u202Ed\u2066e"), "a?b?c?d?e");
  EXPECT_EQ(name(std::string(81, 'x')), std::string(80, 'x') + "…");
  EXPECT_EQ(name(std::string(79, 'x') + "🔥"), std::string(79, 'x') + "…");
  EXPECT_EQ(name("cut short \xE2"), "cut short \xE2");
}

TEST(Readable, ReadsACompositeEntityOut) {
  EXPECT_EQ(entity("checkout"), "checkout");
  EXPECT_EQ(entity(R"(["checkout","/pay"])"), "checkout /pay");
  EXPECT_EQ(entity(R"(["a\"b\\c",17,true,null])"), R"(a"b\c 17 true null)");
  EXPECT_EQ(entity(R"(["tab\there","\u001b[2J"])"), "tab?here ?[2J");
}

TEST(Readable, LeavesWhatIsNoCompositeAsItIs) {
  for (const std::string_view text : {"[", "[]", "[x", R"(["a)", R"(["a"x])", R"(["a",])",
                                      R"(["a"] )", R"(["a\)", R"(["a\u00)"}) {
    EXPECT_EQ(entity(text), text);
  }
}

}  // namespace
}  // namespace tocsin
