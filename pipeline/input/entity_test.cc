#include "pipeline/input/entity.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "pipeline/input/decoder_fixture.h"

namespace tocsin {
namespace {

/// The entity of a record, or the reason why it has none.
std::string entity_of(std::vector<std::string> parts, std::string_view value,
                      std::optional<std::string_view> key = "the key") {
  StreamSettings settings = stream_with({"/v"});
  settings.entity = std::move(parts);
  DecoderFixture fixture(settings);
  fixture.has_key = key.has_value();
  ReadRecord record;
  record.key = key;
  record.value = value;
  if (fixture.decode(record).kind == RowKind::event) return fixture.entity();
  return std::string(name_of(fixture.batch.rows[0].reject)) + ": " + fixture.detail();
}

TEST(Entity, OfOneFieldIsItsText) {
  EXPECT_EQ(entity_of({"/e"}, R"({"e":"web 1","v":1})"), "web 1");
  EXPECT_EQ(entity_of({"/e"}, R"({"e":"a\"\u00e9\n","v":1})"), "a\"\u00e9\n");
  EXPECT_EQ(entity_of({"/e"}, R"({"e":"","v":1})"), "");
  EXPECT_EQ(entity_of({"/e"}, R"({"e":7,"v":1})"), "7");
  EXPECT_EQ(entity_of({"/e"}, R"({"e":7.0,"v":1})"), "7.0");
  EXPECT_EQ(entity_of({"/e"}, R"({"e":12345678901234567891,"v":1})"), "12345678901234567891");
  EXPECT_EQ(entity_of({"/e"}, R"({"e":true,"v":1})"), "true");
}

TEST(Entity, OfSeveralFieldsIsACanonicalArray) {
  EXPECT_EQ(
      entity_of({"/s", "/n", "/b", "$key"},
                R"({ "s" : "a/\"\u00e9\/\u0001" , "n" : 9007199254740993 , "b" : false, "v":1})",
                "k"),
      R"(["a/\"é/\u0001",9007199254740993,false,"k"])");
  EXPECT_EQ(entity_of({"/s", "/n"}, R"({"s":"7","n":7,"v":1})"), R"(["7",7])");
}

TEST(Entity, IsMissingWithoutAScalar) {
  EXPECT_EQ(entity_of({"/e"}, R"({"v":1})"),
            "missing_entity: /e is absent, but must be a string, a number or a boolean.");
  EXPECT_EQ(entity_of({"/v", "/e"}, R"({"e":null,"v":1})"),
            "missing_entity: /e is null, but must be a string, a number or a boolean.");
  EXPECT_EQ(entity_of({"/e"}, R"({"e":{"x":1},"v":1})"),
            "missing_entity: /e is an object, but must be a string, a number or a boolean.");
  EXPECT_EQ(entity_of({"/e"}, R"({"e":[1],"v":1})"),
            "missing_entity: /e is an array, but must be a string, a number or a boolean.");
}

TEST(Entity, IsTheKeyByDefault) {
  EXPECT_EQ(entity_of({}, R"({"v":1})", "k-1"), "k-1");
  EXPECT_EQ(entity_of({"$key"}, R"({"v":1})", "k-1"), "k-1");
  EXPECT_EQ(entity_of({}, R"({"v":1})", ""), "");
}

TEST(Entity, IsThePartitionWithoutAKey) {
  EXPECT_EQ(entity_of({}, R"({"v":1})", std::nullopt), "partition-3");
  EXPECT_EQ(entity_of({"$key", "/v"}, R"({"v":1})", std::nullopt), R"(["partition-3",1])");
}

TEST(Entity, WritesKeysThatAreNoTextInBase64) {
  EXPECT_EQ(entity_of({}, R"({"v":1})", "\xff"), "base64:/w==");
  EXPECT_EQ(entity_of({}, R"({"v":1})", "\xff\xfe"), "base64://4=");
  EXPECT_EQ(entity_of({}, R"({"v":1})", "\xff\xfe\xfd"), "base64://79");
  EXPECT_EQ(entity_of({}, R"({"v":1})", std::string_view("\x80\0\x01\x02", 4)), "base64:gAABAg==");
  EXPECT_EQ(entity_of({"$key", "/v"}, R"({"v":1})", "\xc3"), R"(["base64:ww==",1])");
}

TEST(Entity, KeepsNamesUpToTheBound) {
  const std::string name(kEntityMaxBytes, 'x');
  EXPECT_EQ(entity_of({}, R"({"v":1})", name), name);
}

TEST(Entity, ShortensLongNamesAndKeepsThemApart) {
  std::string first(kEntityMaxBytes + 1, 'x');
  std::string second = first;
  second.back() = 'y';

  shorten_entity(first);
  shorten_entity(second);

  EXPECT_EQ(first.size(), kEntityMaxBytes);
  EXPECT_EQ(first.substr(0, 96), std::string(95, 'x') + "~");
  EXPECT_EQ(first.find_first_not_of("0123456789abcdef", 96), std::string::npos);
  EXPECT_NE(first, second);
}

TEST(Entity, CutsBetweenCharacters) {
  for (std::size_t shift = 0; shift < 4; ++shift) {
    std::string name(shift, 'x');
    for (int i = 0; i < 50; ++i) name += "\U0001f600";
    shorten_entity(name);

    const std::size_t cut = name.find('~');
    EXPECT_LE(cut, 95U);
    EXPECT_GT(cut, 91U);
    EXPECT_EQ((cut - shift) % 4, 0U);
    EXPECT_LE(name.size(), kEntityMaxBytes);
  }
}

TEST(Entity, HashesAreWhatTheyWere) {
  // State is kept under them: a change makes every saved state unreadable.
  EXPECT_EQ(entity_hash(""), 0x2D06800538D394C2U);
  EXPECT_EQ(entity_hash("a"), 0xE6C632B61E964E1FU);
  std::string name(200, 'x');
  shorten_entity(name);
  EXPECT_EQ(name.substr(95), "~062dfbe359870f1a0f7bed28ebd8500d");
}

}  // namespace
}  // namespace tocsin
