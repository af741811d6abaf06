#include "pipeline/output/json_format.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <cmath>
#include <cstddef>
#include <limits>
#include <random>
#include <string>
#include <string_view>

#include "pipeline/output/rounding.h"

namespace tocsin {
namespace {

std::string json_of(std::string_view text) {
  OutputArena arena;
  ByteWriter out(arena);
  add_json_string(out, text);
  return std::string(out.finish());
}

std::string read_back(const std::string& json) {
  simdjson::dom::parser parser;
  std::string_view text;
  EXPECT_EQ(parser.parse(json).get(text), simdjson::SUCCESS) << json;
  return std::string(text);
}

template <class Write>
std::string number(const Write& write) {
  OutputArena arena;
  ByteWriter out(arena);
  JsonFormat format(out);
  write(format, RecordField{1, ",\"n\":"});
  std::string text(out.finish());
  return text.empty() ? text : text.substr(5);
}
std::string score(double value) {
  return number([=](JsonFormat& format, const RecordField& field) {
    format.rounded(field, value, kScoreDecimals);
  });
}
std::string probability(double value) {
  return number(
      [=](JsonFormat& format, const RecordField& field) { format.probability(field, value); });
}
std::string exact(double value) {
  return number([=](JsonFormat& format, const RecordField& field) { format.exact(field, value); });
}

TEST(JsonFormat, EscapesWhatJsonWantsEscapedAndNothingElse) {
  EXPECT_EQ(json_of(""), R"("")");
  EXPECT_EQ(json_of("plain and long enough"), R"("plain and long enough")");
  EXPECT_EQ(json_of("a\"b\\c/d"), R"("a\"b\\c/d")");
  EXPECT_EQ(json_of(std::string_view("\0\x01\b\t\n\f\r\x1f\x7f", 9)),
            "\"\\u0000\\u0001\\b\\t\\n\\f\\r\\u001f\x7f\"");
  EXPECT_EQ(json_of("größer 🔥\u2028"), "\"größer 🔥\u2028\"");
}

TEST(JsonFormat, EscapesAnyByteAtAnyPlace) {
  for (std::size_t length = 1; length <= 24; ++length) {
    for (std::size_t at = 0; at < length; ++at) {
      for (int byte = 0; byte < 128; ++byte) {
        std::string text(length, 'x');
        text[at] = static_cast<char>(byte);
        const std::string json = json_of(text);
        ASSERT_EQ(read_back(json), text) << json;
      }
    }
  }
}

TEST(JsonFormat, RoundsScoresToFourDecimals) {
  EXPECT_EQ(score(0), "0");
  EXPECT_EQ(score(4.00535), "4.0054");
  EXPECT_EQ(score(4.50004), "4.5");
  EXPECT_EQ(score(17), "17");
  EXPECT_EQ(score(0.00005), "0.0001");
  EXPECT_EQ(score(0.00004), "0");
  EXPECT_EQ(score(0.99996), "1");
  EXPECT_EQ(score(-2.5), "-2.5");
  EXPECT_EQ(score(1e300), "1e+300");
}

TEST(JsonFormat, RoundsProbabilitiesToFourDigits) {
  EXPECT_EQ(probability(1), "1");
  EXPECT_EQ(probability(0.49785312), "0.4979");
  EXPECT_EQ(probability(0.099996), "0.1");
  EXPECT_EQ(probability(0.0123456), "0.01235");
  EXPECT_EQ(probability(0.00123456), "0.001235");
  EXPECT_EQ(probability(0.000123456), "0.0001235");
  EXPECT_EQ(probability(1.23456e-9), "1.235e-09");
  EXPECT_EQ(probability(1e-300), "1e-300");
}

TEST(JsonFormat, WritesNothingWhereANumberIsNotFinite) {
  for (const double value :
       {std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(),
        std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_EQ(score(value), "");
    EXPECT_EQ(probability(value), "");
    EXPECT_EQ(exact(value), "");
  }
}

TEST(JsonFormat, WritesValuesSoThatTheyAreReadAgainToTheBit) {
  std::mt19937_64 engine(17);
  for (int i = 0; i < 20'000; ++i) {
    const double value =
        std::ldexp(static_cast<double>(engine()), static_cast<int>(engine() % 1900) - 1000);
    EXPECT_EQ(std::stod(exact(value)), value);
  }
}

TEST(JsonFormat, WritesTheVeryDoubleThatProtobufGets) {
  std::mt19937_64 engine(18);
  for (int i = 0; i < 20'000; ++i) {
    const double value =
        std::ldexp(static_cast<double>(engine()), -64 - static_cast<int>(engine() % 60));
    EXPECT_EQ(std::stod(probability(value)), rounded_probability(value));
    EXPECT_NEAR(rounded_probability(value) / value, 1, 0.000501);
    EXPECT_EQ(std::stod(score(100 * value)), rounded(100 * value, kScoreDecimals));
    EXPECT_NEAR(rounded(100 * value, kScoreDecimals), 100 * value, 0.0000501);
  }
}

TEST(JsonFormat, PutsAnEventOnOneLine) {
  const std::string text = number([](JsonFormat& format, const RecordField& field) {
    format.event(field, "{\n  \"a\": \"x\\ny\",\r\n  \"b\": 1\n}");
  });

  EXPECT_EQ(text, R"({   "a": "x\ny",    "b": 1 })");
}

}  // namespace
}  // namespace tocsin
