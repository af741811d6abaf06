#include "daemon/json_text.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace tocsin {
namespace {

std::string quoted(std::string_view text) {
  std::string out;
  append_json_text(out, text);
  return out;
}

TEST(JsonText, EscapesWhatJsonForbids) {
  EXPECT_EQ(quoted("a\"b\\c\n\t\r"), R"("a\"b\\c\n\t\r")");
  EXPECT_EQ(quoted(std::string_view("\0\x1f\x7f", 3)), R"("\u0000\u001f\u007f")");
}

TEST(JsonText, KeepsUtf8AndReplacesWhatIsNot) {
  EXPECT_EQ(quoted("é€😀"), "\"é€😀\"");
  EXPECT_EQ(quoted("a\xFF"
                   "b"),
            "\"a\xEF\xBF\xBD"
            "b\"");
  EXPECT_EQ(quoted("\xC0\xAF"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");  // Overlong.
  EXPECT_EQ(quoted("\xE2\x82"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");  // Cut short.
}

TEST(JsonText, WritesWhatIsNotANumberAsAString) {
  std::string out;
  append_json_number(out, 0.1);
  out += ' ';
  append_json_number(out, std::numeric_limits<double>::infinity());

  EXPECT_EQ(out, "0.1 \"inf\"");
}

TEST(JsonText, BuildsAnObjectMemberByMember) {
  JsonObject object;
  object.add("name", "x").add("count", 3).add("share", 0.5).add("ok", true).add_raw("list", "[1]");

  EXPECT_EQ(object.text(), R"({"name":"x","count":3,"share":0.5,"ok":true,"list":[1]})");
  EXPECT_EQ(JsonObject().text(), "{}");
}

}  // namespace
}  // namespace tocsin
