#include "pipeline/input/decoder.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "pipeline/input/decoder_fixture.h"

namespace tocsin {
namespace {

TEST(Decoder, ReadsEntityTimeAndValuesOfAnEvent) {
  StreamSettings settings = stream_with({"/load/one", "/cores", "/absent"});
  settings.entity = {"/host"};
  settings.time.field = "/ts";
  DecoderFixture fixture(settings);

  const Row& row = fixture.decode(
      R"({"host":"web-1","ts":1751000000123,"load":{"one":1.25,"five":2},"cores":8})");

  EXPECT_EQ(row.kind, RowKind::event) << fixture.detail();
  EXPECT_EQ(row.offset, 0);
  EXPECT_EQ(row.time_ms, 1'751'000'000'123);
  EXPECT_EQ(row.timestamp_ms, 1'751'000'000'000);
  EXPECT_EQ(fixture.entity(), "web-1");
  EXPECT_EQ(row.present, 3U);
  EXPECT_EQ(fixture.value(0), 1.25);
  EXPECT_EQ(fixture.value(1), 8.0);
  EXPECT_EQ(row.value.length, 0U);
}

TEST(Decoder, KeepsTheOriginalOfWhatItRejects) {
  DecoderFixture fixture(stream_with({"/a"}));
  const std::vector<HeaderView> headers{{"h", "1"}, {"traceparent", "00-ab-cd-01"}};
  ReadRecord record;
  record.key = std::string_view("\xff\0", 2);
  record.value = R"({"a":)";
  record.headers = headers;

  const Row& row = fixture.decode(record);

  EXPECT_EQ(row.kind, RowKind::rejected);
  EXPECT_EQ(row.reject, RejectReason::undecodable);
  EXPECT_TRUE(row.has_key);
  EXPECT_EQ(fixture.batch.view(row.key), std::string_view("\xff\0", 2));
  EXPECT_EQ(fixture.batch.view(row.value), R"({"a":)");
  EXPECT_EQ(fixture.batch.view(row.traceparent), "00-ab-cd-01");
  EXPECT_EQ(fixture.detail(), "The value cannot be read as JSON: it ends too early (byte 5).");
  std::vector<HeaderView> kept;
  fixture.batch.headers_of(0, kept);
  EXPECT_EQ(kept.size(), 2U);
}

TEST(Decoder, CountsATombstoneAsNothingElse) {
  DecoderFixture fixture(stream_with({"/a"}));

  const Row& row = fixture.decode(ReadRecord{});

  EXPECT_EQ(row.kind, RowKind::tombstone);
  EXPECT_EQ(row.reject, RejectReason::none);
  EXPECT_FALSE(row.has_value);
}

TEST(Decoder, KeepsTheTextOfEventsOnlyWhereAsked) {
  DecoderFixture fixture(stream_with({"/a"}), KeepEvents::yes);

  const Row& row = fixture.decode("\xEF\xBB\xBF{\"a\":1}");

  EXPECT_EQ(row.kind, RowKind::event);
  EXPECT_EQ(fixture.batch.view(row.value), "{\"a\":1}");
}

/// What became of a record's value: `event`, or the reason and the detail.
std::string fate(const StreamSettings& settings, std::string_view value) {
  DecoderFixture fixture(settings);
  const Row& row = fixture.decode(value);
  EXPECT_EQ(row.kind == RowKind::event, row.reject == RejectReason::none);
  if (row.kind == RowKind::event) return "event";
  EXPECT_EQ(row.present, 0U);
  EXPECT_EQ(fixture.batch.view(row.value), value);
  EXPECT_TRUE(row.has_value);
  return std::string(name_of(row.reject)) + ": " + fixture.detail();
}

TEST(Decoder, SaysWhatIsWrongWithEveryKindOfBadRecord) {
  StreamSettings settings = stream_with({"/a", "/b"});
  settings.entity = {"/host"};
  settings.time = {.field = "/ts", .unit = TimeUnit::ms};
  const std::string event = R"({"host":"h","ts":1751000000000,"a":1})";
  const auto with = [](std::string_view members) {
    return R"({"host":"h","ts":1751000000000,)" + std::string(members) + "}";
  };
  const std::string json = "undecodable: The value cannot be read as JSON: ";
  const std::string deep = std::string(19, '[') + "1" + std::string(19, ']');
  std::string too_deep;
  for (int i = 0; i < 64; ++i) too_deep += "{\"x\":";
  too_deep += "1" + std::string(64, '}');

  EXPECT_EQ(fate(settings, event), "event");
  EXPECT_EQ(fate(settings, ""), json + "there is nothing but white space (byte 0).");
  EXPECT_EQ(fate(settings, "\x80\x01garbage"), json + "it is no value that JSON knows (byte 0).");
  EXPECT_EQ(fate(settings, with("\"a\":\"\xff\"")), json + "it is not UTF-8 (byte 36).");
  EXPECT_EQ(fate(settings, event.substr(0, 20)), json + "it ends too early (byte 20).");
  EXPECT_EQ(fate(settings, event.substr(0, 10)), json + "a string is not closed (byte 8).");
  EXPECT_EQ(fate(settings, event + "}"),
            json + "something follows the end of the document (byte 37).");
  EXPECT_EQ(fate(settings, with("\"unused\":NaN,\"a\":1")),
            json + "NaN and Infinity are no JSON (byte 40).");
  EXPECT_EQ(fate(settings, with("\"a\":1,\"unused\":" + deep)), "event");
  EXPECT_EQ(
      fate(settings, with("\"a\":1,\"unused\":" + too_deep)),
      "too_deep: The value cannot be read as JSON: it is nested deeper than 64 levels (byte 361).");
  EXPECT_EQ(fate(settings, "[" + event + "]"),
            "not_an_object: The value is valid JSON, but not an object.");
  EXPECT_EQ(fate(settings, "17"), "not_an_object: The value is valid JSON, but not an object.");
  EXPECT_EQ(fate(settings, with(R"("a":1,"unused":{"k":1,"k":2})")),
            "duplicate_key: An object has the key \"k\" twice.");
  EXPECT_EQ(fate(settings, with("\"a\":1,\"text\":\"" + std::string(5'000'000, 'x') + "\"")),
            "too_large: The value has 5000047 bytes, and at most 1048576 are read.");
  EXPECT_EQ(fate(settings, R"({"ts":1751000000000,"a":1})"),
            "missing_entity: /host is absent, but must be a string, a number or a boolean.");
  EXPECT_EQ(fate(settings, R"({"host":"h","a":1})"),
            "missing_time: /ts is absent, but must be a number of milliseconds since 1970.");
  EXPECT_EQ(fate(settings, R"({"host":"h","ts":null,"a":1})"),
            "missing_time: /ts is null, but must be a number of milliseconds since 1970.");
  EXPECT_EQ(fate(settings, R"({"host":"h","ts":"2014-04-01","a":1})"),
            "bad_time: /ts is \"2014-04-01\", but must be a number of milliseconds since 1970.");
  EXPECT_EQ(fate(settings, R"({"host":"h","ts":4070908800000,"a":1})"),
            "far_future: The event time lies 26850 days beyond the record's own timestamp.");
  EXPECT_EQ(fate(settings, R"({"host":"h","ts":1751100000000,"a":1})"),
            "far_future: The event time lies 27 hours beyond the record's own timestamp.");
  EXPECT_EQ(fate(settings, with(R"("a":1,"b":"fast")")),
            "not_a_number: /b is \"fast\", but must be a number.");
  EXPECT_EQ(fate(settings, with(R"("a":1,"b":1e400)")),
            "not_a_number: /b is 1e400, which is beyond the range of a double.");
  EXPECT_EQ(fate(settings, with(R"("a":1,"c":1e400)")), "event");
  EXPECT_EQ(fate(settings, with(R"("a":null,"c":1)")),
            "missing_features: Not one feature has a value.");
}

TEST(Decoder, CutsWhatItQuotes) {
  EXPECT_EQ(fate(stream_with({"/a"}), "{\"a\":\"" + std::string(62, 'x') + "\u20ac and more\"}"),
            "not_a_number: /a is \"" + std::string(62, 'x') + "…\", but must be a number.");
}

TEST(Decoder, TakesTheRecordsTimestampWithoutATimeField) {
  DecoderFixture fixture(stream_with({"/a"}));
  EXPECT_EQ(fixture.decode(R"({"a":1})").time_ms, 1'751'000'000'000);
  fixture.timestamp_ms = 0;
  EXPECT_EQ(fixture.decode(R"({"a":1})").kind, RowKind::event);
  fixture.timestamp_ms = -1;
  EXPECT_EQ(fixture.decode(R"({"a":1})").reject, RejectReason::missing_time);
  EXPECT_EQ(fixture.detail(), "The record has no timestamp, and no time field is configured.");
}

TEST(Decoder, LetsOneFarTimeInAFileNotMoveTime) {
  StreamSettings settings = stream_with({"/a"});
  settings.time.field = "/t";
  DecoderFixture fixture(settings);
  fixture.timestamp_ms = -1;

  fixture.decode(R"({"t":"2025-01-01","a":1})");
  fixture.decode(R"({"t":"2099-01-01","a":1})");
  EXPECT_EQ(fixture.detail(), "The event time lies 27028 days beyond the latest event before it.");
  fixture.decode(R"({"t":"2025-01-01 00:05:00","a":1})");

  EXPECT_EQ(fixture.batch.rows[0].kind, RowKind::event);
  EXPECT_EQ(fixture.batch.rows[1].reject, RejectReason::far_future);
  EXPECT_EQ(fixture.batch.rows[2].kind, RowKind::event);
}

/// The first feature's value: a number, `missing`, or `not_a_number`.
std::string value_of(const FeatureSettings& feature, std::string_view json) {
  StreamSettings settings = stream_with({"/f", "/other"});
  settings.features[0].test = feature.test;
  settings.features[0].at_least = feature.at_least;
  settings.features[0].in = feature.in;
  DecoderFixture fixture(settings);
  const std::string value = "{\"other\":1,\"f\":" + std::string(json) + "}";
  if (fixture.decode(value).kind != RowKind::event) {
    return std::string(name_of(fixture.batch.rows[0].reject));
  }
  if (!fixture.has(0)) return "missing";
  std::string text = std::to_string(fixture.value(0));
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

TEST(Decoder, MakesNumbersOfFeatures) {
  const FeatureSettings plain;
  EXPECT_EQ(value_of(plain, "12.5"), "12.5");
  EXPECT_EQ(value_of(plain, "9007199254740993"), "9007199254740992");
  EXPECT_EQ(value_of(plain, "\"12.5\""), "12.5");
  EXPECT_EQ(value_of(plain, R"("\u0031e1")"), "10");
  EXPECT_EQ(value_of(plain, "1e-400"), "0");
  EXPECT_EQ(value_of(plain, "null"), "missing");
  for (const std::string_view json : {"\"\"", "\" 1\"", "\"1 \"", "\"+1\"", "\"NaN\"", "\"0x1\"",
                                      "\"1,5\"", "true", "{}", "[]", "[1]", "1e400", "\"1e400\""}) {
    EXPECT_EQ(value_of(plain, json), "not_a_number") << json;
  }
}

TEST(Decoder, TestsThresholds) {
  const FeatureSettings test{.test = FeatureTest::at_least, .at_least = 500};
  EXPECT_EQ(value_of(test, "500"), "1");
  EXPECT_EQ(value_of(test, "499.9"), "0");
  EXPECT_EQ(value_of(test, "\"503\""), "1");
  EXPECT_EQ(value_of(test, "null"), "missing");
  EXPECT_EQ(value_of(test, "\"bad\""), "not_a_number");
}

TEST(Decoder, TestsMembership) {
  const FeatureSettings test{
      .test = FeatureTest::in,
      .in = {"paid", "500", "true", "\"7\"", R"("a\u0062")", "null", "\"false\""}};
  EXPECT_EQ(value_of(test, "\"paid\""), "1");
  EXPECT_EQ(value_of(test, "\"pa\\u0069d\""), "1");
  EXPECT_EQ(value_of(test, "\"Paid\""), "0");
  EXPECT_EQ(value_of(test, "500"), "1");
  EXPECT_EQ(value_of(test, "5e2"), "1");
  EXPECT_EQ(value_of(test, "500.5"), "0");
  EXPECT_EQ(value_of(test, "\"500\""), "1");
  EXPECT_EQ(value_of(test, "\"500.0\""), "0");
  EXPECT_EQ(value_of(test, "true"), "1");
  EXPECT_EQ(value_of(test, "false"), "0");
  EXPECT_EQ(value_of(test, "\"false\""), "1");
  EXPECT_EQ(value_of(test, "\"7\""), "1");
  EXPECT_EQ(value_of(test, "7"), "0");
  EXPECT_EQ(value_of(test, "\"ab\""), "1");
  EXPECT_EQ(value_of(test, "null"), "missing");
  EXPECT_EQ(value_of(test, "{}"), "not_a_number");
  EXPECT_EQ(value_of(test, "[\"paid\"]"), "not_a_number");
  EXPECT_EQ(value_of(test, "1e400"), "not_a_number");
}

TEST(Decoder, LeavesTheHourOfDayToScoring) {
  FeatureSettings hour;
  hour.name = "hour";
  hour.transforms = {Transform::hour_of_day};
  StreamSettings alone;
  alone.features = {hour};
  StreamSettings both = stream_with({"/a"});
  both.features.push_back(hour);

  EXPECT_EQ(fate(alone, R"({"x":1})"), "event");
  EXPECT_EQ(fate(both, R"({"a":1})"), "event");
  EXPECT_EQ(fate(both, R"({"x":1})"), "missing_features: Not one feature has a value.");
  DecoderFixture fixture(both);
  EXPECT_EQ(fixture.decode(R"({"a":1})").present, 1U);
}

TEST(Decoder, ReadsTheTimeOfAnHourFromTextToo) {
  StreamSettings settings = stream_with({"/begun"});
  settings.features[0].transforms = {Transform::hour_of_day};
  DecoderFixture fixture(settings);

  fixture.decode(R"({"begun":"2026-11-21T08:30:00Z"})");

  EXPECT_EQ(fixture.value(0), 1'795'249'800'000.0);
  EXPECT_EQ(fate(settings, R"({"begun":"1795249800"})"), "event");
  EXPECT_EQ(fate(settings, R"({"begun":"this morning"})"),
            "not_a_number: /begun is \"this morning\", but must be a time.");
  EXPECT_NE(fate(stream_with({"/begun"}), R"({"begun":"2026-11-21T08:30:00Z"})"), "event");
}

TEST(Decoder, ReadsOneFieldForSeveralPurposes) {
  StreamSettings settings = stream_with({"/status", "/status"});
  settings.features[1].test = FeatureTest::at_least;
  settings.features[1].at_least = 500;
  settings.entity = {"/status"};
  settings.detectors.push_back(detector_in(Scope::group, "/status"));
  settings.detectors.push_back(detector_in(Scope::stream));
  settings.detectors.push_back(detector_in(Scope::group, "/none"));
  DecoderFixture fixture(settings);

  fixture.decode(R"({"status":503})");

  EXPECT_EQ(fixture.entity(), "503");
  EXPECT_EQ(fixture.value(0), 503.0);
  EXPECT_EQ(fixture.value(1), 1.0);
  ASSERT_EQ(fixture.decoder.group_width(), 2U);
  EXPECT_EQ(fixture.batch.view(fixture.batch.groups_of(0)[0]), "503");
  EXPECT_EQ(fixture.batch.groups_of(0)[1].length, 0U);
}

}  // namespace
}  // namespace tocsin
