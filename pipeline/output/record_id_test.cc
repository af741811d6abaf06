#include "pipeline/output/record_id.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "pipeline/output/encoder.h"
#include "pipeline/output/sample_outcomes.h"
#include "pipeline/output/substitute.h"

namespace tocsin {
namespace {

void expect_sample(const std::optional<InputPlace>& place) {
  ASSERT_TRUE(place);
  EXPECT_EQ(place->topic, sample::kSource.topic);
  EXPECT_EQ(place->partition, sample::kSource.partition);
  EXPECT_EQ(place->offset, sample::kSource.offset);
}

struct Form {
  Encoding encoding;
  CloudEvents mode;
};

class EveryForm : public testing::TestWithParam<Form> {
 protected:
  EveryForm() : encoder_(settings(), sample::kIdentity) { encoder_.write_to(arena_); }

  static OutputSettings settings() {
    OutputSettings settings;
    settings.scores = {
        .topic = "scores", .encoding = GetParam().encoding, .cloudevents = GetParam().mode};
    settings.alerts = settings.scores;
    settings.alerts.topic = "alerts";
    return settings;
  }
  const WriteRecord& last() const { return arena_.records().back(); }

  OutputArena arena_;
  Encoder encoder_;
};

TEST_P(EveryForm, TellsWhereAScoredRecordCameFrom) {
  encoder_.scored(sample::anomaly());
  expect_sample(input_place_of(last()));
}

TEST_P(EveryForm, TellsWhichRecordCausedAnAlert) {
  encoder_.alert(sample::ending(), sample::normal_event());
  expect_sample(input_place_of(last()));
}

TEST_P(EveryForm, TellsWhatASubstituteCameFrom) {
  encoder_.scored(sample::anomaly());
  const WriteRecord substitute = make_substitute(last(), "too large", arena_);
  expect_sample(input_place_of(substitute));
}

TEST_P(EveryForm, IsNotMisledByAStreamWithSlashes) {
  ScoredEvent event = sample::normal_event();
  event.source.stream = "a/b/7/8/alert/9 \"quoted\"";
  encoder_.scored(event);
  expect_sample(input_place_of(last()));
}

INSTANTIATE_TEST_SUITE_P(RecordId, EveryForm,
                         testing::Values(Form{Encoding::json, CloudEvents::off},
                                         Form{Encoding::json, CloudEvents::binary},
                                         Form{Encoding::json, CloudEvents::structured},
                                         Form{Encoding::protobuf, CloudEvents::off},
                                         Form{Encoding::protobuf, CloudEvents::binary},
                                         Form{Encoding::protobuf, CloudEvents::structured}),
                         [](const auto& form) { return std::to_string(form.index); });

TEST(RecordId, ADeadLetterTellsItInItsLastHeaders) {
  const std::vector<HeaderView> headers{
      {"tocsin.topic", "earlier"},     {"tocsin.partition", "1"}, {"tocsin.offset", "2"},
      {"tocsin.topic", "api-metrics"}, {"tocsin.partition", "3"}, {"tocsin.offset", "1234567"},
      {"tocsin.config", std::nullopt}};
  expect_sample(input_place_of({.value = R"({"id":"not/looked/at/1"})", .headers = headers}));
}

TEST(RecordId, WhatIsNotOursHasNone) {
  const std::vector<HeaderView> incomplete{{"tocsin.topic", "api"}, {"tocsin.offset", "2"}};
  EXPECT_FALSE(input_place_of({.value = "", .headers = incomplete}));
  for (const std::string value :
       {"", "{}", "text", R"({"id":"one"})", R"({"id":"a/b/c/d"})", R"({"id":"1/2"})",
        R"({"id":"s/t/1/2/alert/"})", R"({"id":"s/t/1/2/alert/x/)", R"({"id":"//1/2"})",
        R"({"id":"s/t/99999999999999/2"})", "\x0A", "\x0A\x03x/"}) {
    EXPECT_FALSE(input_place_of({.value = value})) << value;
  }
}

}  // namespace
}  // namespace tocsin
