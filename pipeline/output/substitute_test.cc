#include "pipeline/output/substitute.h"

#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/output/encoder.h"
#include "pipeline/output/sample_outcomes.h"
#include "tocsin.pb.h"

namespace tocsin {
namespace {

constexpr std::string_view kReason = "Broker: Message size too large";

std::size_t size_of(const WriteRecord& record) {
  std::size_t size = record.value.size() + (record.key ? record.key->size() : 0);
  for (const HeaderView& header : record.headers) {
    size += header.name.size() + header.value.value_or("").size();
  }
  return size;
}

std::optional<std::string_view> header(const WriteRecord& record, std::string_view name) {
  for (const HeaderView& header : record.headers) {
    if (header.name == name) return header.value;
  }
  return std::nullopt;
}

/// An event whose record is too large, for its original is.
class SubstituteTest : public testing::Test {
 protected:
  SubstituteTest() : huge_(R"({"text":")" + std::string(2'000'000, 'x') + R"("})") {}

  WriteRecord refused(Encoding encoding, CloudEvents mode) {
    OutputSettings settings;
    settings.scores = {.topic = "scores", .encoding = encoding, .cloudevents = mode};
    settings.include_event = true;
    Encoder encoder(settings, sample::kIdentity);
    encoder.write_to(arena_);
    ScoredEvent event = sample::anomaly();
    event.source.stream = "a \"quoted\" stream";
    event.event = huge_;
    encoder.scored(event);
    return arena_.records().back();
  }

  std::string huge_;
  OutputArena arena_;
};

constexpr std::string_view kId = "a \"quoted\" stream/api-metrics/3/1234567";

void expect_summary(const v1::ScoredRecord& record, std::size_t length) {
  EXPECT_EQ(record.id(), kId);
  EXPECT_EQ(record.substitute().reason(), kReason);
  EXPECT_EQ(record.substitute().length(), length);
  EXPECT_EQ(record.substitute().sha256().size(), 64U);
}

TEST_F(SubstituteTest, SaysInJsonWhatItStandsFor) {
  const WriteRecord record = refused(Encoding::json, CloudEvents::off);

  const WriteRecord substitute = make_substitute(record, kReason, arena_);

  v1::ScoredRecord read;
  ASSERT_TRUE(
      google::protobuf::util::JsonStringToMessage(std::string(substitute.value), &read).ok());
  expect_summary(read, record.value.size());
  EXPECT_LT(size_of(substitute), kSubstituteMaxBytes);
  EXPECT_EQ(substitute.key, record.key);
  EXPECT_EQ(substitute.topic, record.topic);
}

TEST_F(SubstituteTest, SaysInProtobufWhatItStandsFor) {
  const WriteRecord record = refused(Encoding::protobuf, CloudEvents::off);

  const WriteRecord substitute = make_substitute(record, kReason, arena_);

  v1::ScoredRecord read;
  ASSERT_TRUE(read.ParseFromString(std::string(substitute.value)));
  expect_summary(read, record.value.size());
}

TEST_F(SubstituteTest, FindsAnIdOfManyBytesInProtobuf) {
  OutputSettings settings;
  settings.alerts = {.topic = "alerts", .encoding = Encoding::protobuf};
  Encoder encoder(settings, sample::kIdentity);
  encoder.write_to(arena_);
  ScoredEvent cause = sample::anomaly();
  const std::string topic(249, 't');
  cause.source.topic = topic;
  encoder.alert(sample::opening(), cause);

  const WriteRecord substitute = make_substitute(arena_.records().back(), kReason, arena_);

  v1::Alert read;
  ASSERT_TRUE(read.ParseFromString(std::string(substitute.value)));
  EXPECT_EQ(read.id(), "api/" + topic + "/3/1234567/alert/0");
}

TEST_F(SubstituteTest, StaysACloudEvent) {
  const WriteRecord record = refused(Encoding::json, CloudEvents::structured);

  const WriteRecord substitute = make_substitute(record, kReason, arena_);

  simdjson::dom::parser parser;
  simdjson::dom::element envelope;
  ASSERT_EQ(parser.parse(std::string(substitute.value)).get(envelope), simdjson::SUCCESS);
  EXPECT_EQ(std::string_view(envelope["id"]), kId);
  EXPECT_EQ(std::string_view(envelope["data"]["id"]), kId);
  EXPECT_EQ(std::string_view(envelope["data"]["substitute"]["reason"]), kReason);
  EXPECT_EQ(header(substitute, "content-type"), "application/cloudevents+json");
}

TEST_F(SubstituteTest, StaysACloudEventAroundProtobuf) {
  const WriteRecord record = refused(Encoding::protobuf, CloudEvents::structured);

  const WriteRecord substitute = make_substitute(record, kReason, arena_);

  simdjson::dom::parser parser;
  simdjson::dom::element envelope;
  ASSERT_EQ(parser.parse(std::string(substitute.value)).get(envelope), simdjson::SUCCESS);
  EXPECT_EQ(std::string_view(envelope["datacontenttype"]), "application/protobuf");
  EXPECT_FALSE(std::string_view(envelope["data_base64"]).empty());
  EXPECT_LT(size_of(substitute), kSubstituteMaxBytes);
}

TEST_F(SubstituteTest, KeepsWhyADeadLetterIsOneAndDropsWhatMayBeHuge) {
  const std::vector<HeaderView> originals{{.name = "blob", .value = huge_},
                                          {.name = "tocsin.reason", .value = huge_}};
  Batch batch;
  batch.reset(Batch::Kind::rows, 1, 1, 0);
  Row& row = batch.rows[batch.add_row()];
  row.kind = RowKind::rejected;
  row.reject = RejectReason::too_large;
  row.has_key = row.has_value = true;
  row.key = batch.add_text(huge_);
  row.value = batch.add_text("abc");
  row.detail = batch.add_text(huge_);
  row.headers = batch.add_headers(originals);
  OutputSettings settings;
  settings.dead_letters = "dead-letters";
  Encoder encoder(settings, sample::kIdentity);
  encoder.write_to(arena_);
  encoder.rejected(sample::kSource, batch, 0);

  const WriteRecord substitute = make_substitute(arena_.records().back(), kReason, arena_);

  EXPECT_LT(size_of(substitute), kSubstituteMaxBytes);
  EXPECT_EQ(substitute.key, std::nullopt);
  EXPECT_EQ(substitute.value, "");
  EXPECT_EQ(header(substitute, "blob"), std::nullopt);
  EXPECT_EQ(header(substitute, "tocsin.reason"), "too_large");
  EXPECT_EQ(header(substitute, "tocsin.offset"), "1234567");
  EXPECT_EQ(header(substitute, "tocsin.refused"), kReason);
  EXPECT_EQ(header(substitute, "tocsin.length"), "3");
  EXPECT_EQ(header(substitute, "tocsin.sha256"),  // FIPS 180-2, appendix B.1.
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_F(SubstituteTest, BoundsAndTamesTheReason) {
  const std::string reason = "line\nend \xFF " + std::string(100'000, 'r');

  const WriteRecord substitute =
      make_substitute(refused(Encoding::json, CloudEvents::off), reason, arena_);

  EXPECT_LT(size_of(substitute), kSubstituteMaxBytes);
  EXPECT_NE(substitute.value.find("line?end ? rrr"), std::string_view::npos);
}

}  // namespace
}  // namespace tocsin
