#include "pipeline/output/cloud_event.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>

#include "pipeline/output/encoder.h"
#include "pipeline/output/sample_outcomes.h"
#include "tocsin.pb.h"

namespace tocsin {
namespace {

constexpr std::string_view kTraceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

using Headers = std::map<std::string, std::string>;

Headers headers_of(const WriteRecord& record) {
  Headers headers;
  for (const HeaderView& header : record.headers) {
    headers.emplace(header.name, header.value.value());
  }
  EXPECT_EQ(headers.size(), record.headers.size()) << "a header is there twice";
  return headers;
}

OutputSettings settings_for(CloudEvents mode, Encoding encoding) {
  OutputSettings settings;
  settings.scores = {.topic = "scores", .encoding = encoding, .cloudevents = mode};
  settings.alerts = {.topic = "alerts", .encoding = encoding, .cloudevents = mode};
  return settings;
}

/// What an encoder makes of one alert or one event.
class CloudEventTest : public testing::Test {
 protected:
  const WriteRecord& scored(CloudEvents mode, Encoding encoding,
                            const ScoredEvent& event = sample::normal_event()) {
    Encoder encoder(settings_for(mode, encoding), sample::kIdentity);
    encoder.write_to(arena_);
    encoder.scored(event);
    return arena_.records().back();
  }
  const WriteRecord& alert(CloudEvents mode, const Alert& alert,
                           const ScoredEvent& cause = sample::anomaly()) {
    Encoder encoder(settings_for(mode, Encoding::json), sample::kIdentity);
    encoder.write_to(arena_);
    encoder.alert(alert, cause);
    return arena_.records().back();
  }

  OutputArena arena_;
};

TEST_F(CloudEventTest, PutsTheAttributesIntoHeadersInBinaryMode) {
  const Headers headers = headers_of(alert(CloudEvents::binary, sample::opening()));

  EXPECT_EQ(headers, (Headers{{"ce_specversion", "1.0"},
                              {"ce_id", "api/api-metrics/3/1234567/alert/0"},
                              {"ce_type", "io.tocsin.alert.v1"},
                              {"ce_source", "/tocsin/api-watch/api"},
                              {"ce_subject", "checkout"},
                              {"ce_time", "2026-11-21T08:40:00.125Z"},
                              {"content-type", "application/json"},
                              {"traceparent", std::string(kTraceparent)}}));
}

TEST_F(CloudEventTest, SaysSoWhereTheRecordIsProtobuf) {
  const Headers headers = headers_of(scored(CloudEvents::binary, Encoding::protobuf));

  EXPECT_EQ(headers.at("content-type"), "application/protobuf");
  EXPECT_EQ(headers.at("ce_type"), "io.tocsin.scored.v1");
  EXPECT_EQ(headers.at("ce_id"), "api/api-metrics/3/1234567");
}

TEST_F(CloudEventTest, PutsTheRecordIntoAnEnvelopeInStructuredMode) {
  const std::string plain(scored(CloudEvents::off, Encoding::json).value);

  const WriteRecord& record = scored(CloudEvents::structured, Encoding::json);

  EXPECT_EQ(record.value, R"({"id":"api/api-metrics/3/1234567","specversion":"1.0",)"
                          R"("type":"io.tocsin.scored.v1","source":"/tocsin/api-watch/api",)"
                          R"("subject":"checkout","time":"2026-11-21T08:40:00.125Z",)"
                          R"("datacontenttype":"application/json","data":)" +
                              plain + "}");
  EXPECT_EQ(headers_of(record), (Headers{{"content-type", "application/cloudevents+json"}}));
}

TEST_F(CloudEventTest, PutsProtobufIntoAnEnvelopeInBase64) {
  const std::string plain(scored(CloudEvents::off, Encoding::protobuf).value);
  ByteWriter out(arena_);
  add_base64(out, plain);
  const std::string base64(out.finish());

  const std::string enveloped(scored(CloudEvents::structured, Encoding::protobuf).value);

  EXPECT_TRUE(enveloped.ends_with(R"("datacontenttype":"application/protobuf","data_base64":)" +
                                  base64 + "}"));
}

TEST_F(CloudEventTest, WritesBase64AsTheStandardHasIt) {
  const auto base64 = [&](std::string_view bytes) {
    ByteWriter out(arena_);
    add_base64(out, bytes);
    return std::string(out.finish());
  };
  // RFC 4648, section 10.
  EXPECT_EQ(base64(""), R"("")");
  EXPECT_EQ(base64("f"), R"("Zg==")");
  EXPECT_EQ(base64("fo"), R"("Zm8=")");
  EXPECT_EQ(base64("foo"), R"("Zm9v")");
  EXPECT_EQ(base64("foob"), R"("Zm9vYg==")");
  EXPECT_EQ(base64("\xFF\xFE\xFD"), R"("//79")");
}

TEST_F(CloudEventTest, PassesTheTraceOnWithoutCloudEventsToo) {
  EXPECT_EQ(headers_of(alert(CloudEvents::off, sample::opening())),
            (Headers{{"traceparent", std::string(kTraceparent)}}));
}

TEST_F(CloudEventTest, PassesNoTraceOnThatIsAnotherEntitysOrCannotBeOne) {
  ScoredEvent cause = sample::anomaly();
  cause.entity = "another";
  EXPECT_FALSE(
      headers_of(alert(CloudEvents::binary, sample::ending(), cause)).contains("traceparent"));

  const std::string endless(10'000, '0');
  cause.traceparent = endless;
  EXPECT_FALSE(
      headers_of(alert(CloudEvents::binary, sample::opening(), cause)).contains("traceparent"));
}

TEST_F(CloudEventTest, LeavesOutASubjectThatNoAttributeMayHave) {
  for (const std::string_view entity :
       {"", "a\nb", "\x7f", "\u0085", "\uFFFE", "\uFDD0", "\U0001FFFF"}) {
    Alert hostile = sample::opening();
    hostile.entity = entity;
    EXPECT_FALSE(headers_of(alert(CloudEvents::binary, hostile)).contains("ce_subject"));
    EXPECT_EQ(arena_.records().back().key, entity);
  }
  for (const std::string_view entity : {"größe", "\u00A0", "🔥", "\uFFFD", R"(["a","b"])"}) {
    Alert good = sample::opening();
    good.entity = entity;
    EXPECT_EQ(headers_of(alert(CloudEvents::binary, good)).at("ce_subject"), entity);
  }
}

TEST(CloudEvent, HasASourceThatIsAUri) {
  EXPECT_EQ(cloud_event_source("api-watch", "api"), "/tocsin/api-watch/api");
  EXPECT_EQ(cloud_event_source("", "a b/ü"), "/tocsin/a%20b%2F%C3%BC");
}

}  // namespace
}  // namespace tocsin
