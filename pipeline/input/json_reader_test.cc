#include "pipeline/input/json_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/input/json_diagnosis.h"

namespace tocsin {
namespace {

JsonVerdict verdict_on(std::string_view text) {
  JsonReader reader;
  ExtractionPlan plan;
  const JsonVerdict verdict = reader.read(text, plan, nullptr);
  // Both readers must agree on what is broken.
  EXPECT_EQ(verdict == JsonVerdict::broken, diagnose(text).reason != RejectReason::none) << text;
  return verdict;
}

TEST(JsonReader, AcceptsWhatIsJson) {
  for (const std::string_view text :
       {"{}", "[]", "0", "\"\"", "true", "null", " { } ", "[1,2.5,-3e7,\"x\",{},[],null,false]",
        "{\"a\":{\"a\":{\"a\":[{\"a\":1},{\"a\":2}]}}}", "\t\r\n[\n1\n,\n2\n]\n",
        R"({"\u0061":1,"b":"\ud83d\ude00","":0})", "{\"\u00e9\":\"\u20ac\"}", "1e400",
        "[123456789012345678901234567890]"}) {
    EXPECT_EQ(verdict_on(text), JsonVerdict::valid) << text;
  }
}

TEST(JsonReader, RefusesWhatIsNot) {
  for (const std::string_view text : {"",
                                      " ",
                                      "{",
                                      "}",
                                      "{\"a\"}",
                                      "{\"a\":}",
                                      "{\"a\":1,}",
                                      "{,}",
                                      "{\"a\" 1}",
                                      "{\"a\":1 \"b\":2}",
                                      "{a:1}",
                                      "{'a':1}",
                                      "{1:2}",
                                      "[1,]",
                                      "[,1]",
                                      "[1 2]",
                                      "[1",
                                      "[1}",
                                      "{\"a\":1]",
                                      "{} {}",
                                      "{}x",
                                      "1 2",
                                      "\"a\" \"b\"",
                                      "\"a\"b",
                                      "\"a\"\"b\"",
                                      "[1\"b\"]",
                                      "{\"a\":tru}",
                                      "{\"a\":truex}",
                                      "{\"a\":nulll}",
                                      "{\"a\":NaN}",
                                      "{\"a\":-Infinity}",
                                      "{\"a\":01}",
                                      "{\"a\":1.}",
                                      "{\"a\":+1}",
                                      "{\"a\":.5}",
                                      "{\"a\":1e}",
                                      "{\"a\":\"x}",
                                      "{\"a\":\"\\\"}",
                                      "{\"a\":\"\\q\"}",
                                      "{\"a\":\"\\ud800\"}",
                                      "{\"a\":\"\\udc00\"}",
                                      "{\"\\ud800\":1}",
                                      "{\"a\":\"line\nbreak\"}",
                                      "{\"a\":\"tab\t\"}",
                                      "{\"a\":\"\\\n\"}",
                                      "{\"a\":1}\x0c",
                                      "{\"a\":1\x0c}",
                                      "{\"a\":\"\xff\"}",
                                      "{\"\xc3\":1}",
                                      "{\"a\":\"\xed\xa0\x80\"}",
                                      "{\"a\":1\xc3\xa9}",
                                      "\xEF\xBB\xBF{}",
                                      "// comment\n{}",
                                      "{\"a\":1/**/}"}) {
    EXPECT_EQ(verdict_on(text), JsonVerdict::broken) << text;
  }
  EXPECT_EQ(verdict_on(std::string_view("{}\0", 3)), JsonVerdict::broken);
  EXPECT_EQ(verdict_on(std::string_view("{\"a\":\"\0\"}", 9)), JsonVerdict::broken);
}

std::string nested(std::size_t depth, char open, char close) {
  std::string text(depth, open);
  text.append(depth, close);
  return text;
}

TEST(JsonReader, ReadsDownToTheStatedDepth) {
  EXPECT_EQ(verdict_on(nested(64, '[', ']')), JsonVerdict::valid);
  EXPECT_EQ(verdict_on(nested(65, '[', ']')), JsonVerdict::broken);
  EXPECT_EQ(diagnose(nested(65, '[', ']')).reason, RejectReason::too_deep);
  EXPECT_EQ(diagnose(nested(65, '[', ']')).position, 64U);
  // The first thing wrong counts.
  EXPECT_EQ(diagnose("[x," + nested(65, '[', ']') + "]").reason, RejectReason::undecodable);
  EXPECT_EQ(diagnose("[" + nested(65, '[', ']') + ",x]").reason, RejectReason::too_deep);
  EXPECT_EQ(diagnose(std::string(1'000'000, '[')).reason, RejectReason::too_deep);
}

/// Reads with a plan that wants `pointers`, twice over, as the second time goes another way.
struct Reading {
  JsonVerdict verdict = JsonVerdict::broken;
  std::vector<JsonToken> tokens;
  std::string duplicate;
};
Reading read_wanting(const std::vector<std::string>& pointers, std::string_view text) {
  static JsonReader reader;
  ExtractionPlan plan;
  std::vector<std::uint32_t> slots;
  slots.reserve(pointers.size());
  for (const std::string& pointer : pointers) slots.push_back(plan.want(pointer));
  reader.read(text, plan, nullptr);
  Reading reading{.verdict = reader.read(text, plan, nullptr), .tokens = {}, .duplicate = {}};
  for (const std::uint32_t slot : slots) reading.tokens.push_back(reader.token(slot));
  if (reading.verdict == JsonVerdict::duplicate_key) reading.duplicate = reader.duplicate();
  return reading;
}

TEST(JsonReader, FindsDuplicateKeysWhateverIsWanted) {
  const std::map<std::string, std::string> cases{
      {R"({"a":1,"a":2})", "a"},
      {R"({"a":1,"b":{"x":1,"y":2,"x":3}})", "x"},
      {R"({"a":[{"k":1,"k":2}]})", "k"},
      {R"([[{"k":1,"l":1,"k":2}]])", "k"},
      {R"({"abcdefgh":1,"abcdefgh":2})", "abcdefgh"},
      {R"({"a long key of two dozen bytes":1,"a long key of two dozen bytes":2})",
       "a long key of two dozen bytes"},
      {R"({"a":1,"\u0061":2})", "a"},
      {R"({"\u0061/":1,"a\/":2})", "a/"},
      {R"({"":1,"":2})", ""},
      // The first one in the document, though another is found before it.
      {R"({"b":{"x":1,"y":1},"a":1,"b":{"x":1,"x":2}})", "b"},
      {R"({"p":{"q":{"z":1,"z":2},"r":1,"r":2}})", "z"}};
  for (const auto& [text, key] : cases) {
    for (const std::vector<std::string>& wanted :
         {std::vector<std::string>{}, {"/a"}, {"/b"}, {"/b/x", "/a"}, {"/p/q/z"}, {"/a/0/k"}}) {
      const Reading reading = read_wanting(wanted, text);
      EXPECT_EQ(reading.verdict, JsonVerdict::duplicate_key) << text;
      EXPECT_EQ(reading.duplicate, key) << text;
    }
  }
}

TEST(JsonReader, TakesTheSameKeyInDifferentObjectsForNoDuplicate) {
  for (const std::string_view text :
       {R"({"a":{"a":1},"b":{"a":1}})", R"([{"a":1},{"a":1}])", R"({"abcdefgh1":1,"abcdefgh2":2})",
        R"({"a":1,"A":2,"a ":3})", R"({"abcdefghXijklmnop":1,"abcdefghYijklmnop":2})"}) {
    EXPECT_EQ(read_wanting({"/a/a"}, text).verdict, JsonVerdict::valid) << text;
  }
}

TEST(JsonReader, FindsTheOneDuplicateAmongThousandsOfKeys) {
  for (const std::string pointer : {"/k1", "/x/k1", "/none"}) {
    std::string inner = "{";
    for (int i = 0; i < 5000; ++i) inner += "\"k" + std::to_string(i) + "\":1,";
    const std::string distinct = inner + "\"end\":0}";
    const std::string twice = inner + "\"k4321\":0,\"k17\":0}";

    EXPECT_EQ(read_wanting({pointer}, distinct).verdict, JsonVerdict::valid);
    EXPECT_EQ(read_wanting({pointer}, twice).duplicate, "k4321");
    EXPECT_EQ(read_wanting({pointer}, "{\"x\":" + twice + "}").duplicate, "k4321");
  }
}

TEST(JsonReader, FindsWhatAPointerPointsAt) {
  const Reading reading = read_wanting(
      {"/a", "/o/x", "/o", "/m~1n", "/t~0", "/l/1", "/l/2/z", "/l", "/o/0", "/", "/a/b", "/l/01",
       "", "/esc", "/abcdefghi"},
      R"({"a":-1.5e3,"o":{"x":"s","0":true},"m/n":null,"t~":false,"l":[1,2,{"z":3}],"":4,)"
      R"("esc":"\t","\u0061bcdefghi":5})");

  ASSERT_EQ(reading.verdict, JsonVerdict::valid);
  const auto is = [&reading](std::size_t i, JsonKind kind, std::string_view text) {
    EXPECT_EQ(reading.tokens[i].kind, kind) << i;
    EXPECT_EQ(reading.tokens[i].text, text) << i;
  };
  is(0, JsonKind::number, "-1.5e3");
  is(1, JsonKind::string, "s");
  is(2, JsonKind::object, "");
  is(3, JsonKind::null, "null");
  is(4, JsonKind::boolean, "false");
  is(5, JsonKind::number, "2");
  is(6, JsonKind::number, "3");
  is(7, JsonKind::array, "");
  is(8, JsonKind::boolean, "true");
  is(9, JsonKind::number, "4");
  is(10, JsonKind::absent, "");
  is(11, JsonKind::absent, "");
  is(12, JsonKind::object, "");
  is(13, JsonKind::string, "\\t");
  EXPECT_TRUE(reading.tokens[13].has_escapes);
  is(14, JsonKind::number, "5");
}

TEST(JsonReader, RemembersKeysWithoutConfusingThem) {
  // More keys than are remembered, in changing order, with the wanted one among the last.
  JsonReader reader;
  ExtractionPlan plan;
  const std::uint32_t slot = plan.want("/wanted");
  std::vector<std::string> members;
  members.reserve(201);
  for (int i = 0; i < 200; ++i) members.push_back("\"key" + std::to_string(i) + "\":0");
  members.emplace_back("\"wanted\":42");
  for (std::size_t round = 0; round < 50; ++round) {
    std::string text = "{";
    for (const std::string& member : members) text += member + ",";
    text.back() = '}';

    ASSERT_EQ(reader.read(text, plan, nullptr), JsonVerdict::valid);
    ASSERT_EQ(reader.token(slot).text, "42");

    std::rotate(members.begin(), members.begin() + 37, members.end());
    text.back() = ',';
    text += members[round % members.size()] + "}";
    ASSERT_EQ(reader.read(text, plan, nullptr), JsonVerdict::duplicate_key);
  }
}

class Numbers final : public NumberSink {
 public:
  Interest number(std::string_view place, std::string_view key, std::string_view text) override {
    seen.push_back(std::string(place) + "|" + std::string(key) + "=" + std::string(text));
    return key == "never" ? Interest::never : Interest::again;
  }
  std::vector<std::string> seen;
};

TEST(JsonReader, OffersTheNumbersNobodyWants) {
  JsonReader reader;
  ExtractionPlan plan;
  plan.want("/wanted");
  Numbers numbers;
  const std::string_view text =
      R"({"wanted":1,"a":2,"never":3,"s":"4","l":[5,{"x":6}],"o":{"b/c":{"d":7},"e":8},"f":9})";

  reader.read(text, plan, &numbers);
  reader.read(text, plan, &numbers);

  const std::vector<std::string> expected{"|a=2", "|never=3",    "/o/b~1c|d=7", "/o|e=8", "|f=9",
                                          "|a=2", "/o/b~1c|d=7", "/o|e=8",      "|f=9"};
  EXPECT_EQ(numbers.seen, expected);
}

}  // namespace
}  // namespace tocsin
