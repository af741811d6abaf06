#include "pipeline/input/json_text.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace tocsin {
namespace {

std::string unescaped(std::string_view inner) {
  std::string out;
  append_unescaped(out, inner);
  return out;
}

TEST(JsonText, ResolvesEscapes) {
  EXPECT_EQ(unescaped(R"(a\"\\\/\b\f\n\r\tz)"), "a\"\\/\b\f\n\r\tz");
  EXPECT_EQ(unescaped(R"(\u0041\u00e9\u20AC\ud83d\ude00)"), "A\u00e9\u20ac\U0001f600");
  EXPECT_EQ(unescaped(R"(\u0000)"), std::string(1, '\0'));
  EXPECT_EQ(unescaped(R"(\u007f\u0080\u07ff\u0800\uffff\ud800\udc00\udbff\udfff)"),
            "\x7f\u0080\u07ff\u0800\uffff\U00010000\U0010ffff");
}

TEST(JsonText, FindsEscapesThatMeanNothing) {
  EXPECT_EQ(find_bad_escape(R"(plain \n \ud83d\ude00)"), std::string_view::npos);
  EXPECT_EQ(find_bad_escape(R"(ab\q)"), 2U);
  EXPECT_EQ(find_bad_escape(R"(\u12g4)"), 0U);
  EXPECT_EQ(find_bad_escape(R"(\u12)"), 0U);
  EXPECT_EQ(find_bad_escape(R"(x\ud83d)"), 1U);
  EXPECT_EQ(find_bad_escape(R"(\ud83d\u0041)"), 0U);
  EXPECT_EQ(find_bad_escape(R"(\ude00)"), 0U);
  EXPECT_EQ(find_bad_escape("\\\n"), 0U);
  EXPECT_EQ(find_bad_escape("\\"), 0U);
}

TEST(JsonText, EscapesOnlyWhatItMust) {
  std::string out;

  append_json_string(out, std::string_view("a\"\\/\b\f\n\r\t\x01\x1f\x7f\u00e9\0", 15));

  EXPECT_EQ(out, "\"a\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\u00e9\\u0000\"");
}

TEST(JsonText, EscapesStepsOfPointers) {
  std::string pointer = "/a";
  append_pointer_step(pointer, "m/n~o");
  EXPECT_EQ(pointer, "/a/m~1n~0o");
}

TEST(JsonText, KnowsUtf8) {
  EXPECT_EQ(utf8_length("a"), 1U);
  EXPECT_EQ(utf8_length("\u00e9x"), 2U);
  EXPECT_EQ(utf8_length("\u20ac"), 3U);
  EXPECT_EQ(utf8_length("\U0001f600"), 4U);
  EXPECT_EQ(utf8_length("\xF4\x8F\xBF\xBF"), 4U);
  for (const std::string_view bad :
       {"", "\x80", "\xC1\x81", "\xC3", "\xC3(", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE2\x82", "\xE2\x82(", "\xFF"}) {
    EXPECT_EQ(utf8_length(bad), 0U) << testing::PrintToString(bad);
  }
}

}  // namespace
}  // namespace tocsin
