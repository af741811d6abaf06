// JSON and protobuf carry the same content, whatever the outcome.

#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <deque>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/output/encoder.h"
#include "pipeline/output/sample_outcomes.h"
#include "tocsin.pb.h"

namespace tocsin {
namespace {

/// Everything that an encoder of one encoding makes of what it is told.
struct Desk {
  explicit Desk(Encoding encoding) : encoder(settings_for(encoding), sample::kIdentity) {
    encoder.write_to(arena);
  }
  static OutputSettings settings_for(Encoding encoding) {
    OutputSettings settings;
    settings.scores = {.topic = "scores", .encoding = encoding};
    settings.alerts = {.topic = "alerts", .encoding = encoding};
    return settings;
  }
  std::string last_value() const { return std::string(arena.records().back().value); }

  OutputArena arena;
  Encoder encoder;
};

template <class Message>
void expect_same_content(const Desk& json, const Desk& wire) {
  const std::string text = json.last_value();
  simdjson::dom::parser strict;
  ASSERT_EQ(strict.parse(text).error(), simdjson::SUCCESS) << text;
  Message from_json;
  const auto status = google::protobuf::util::JsonStringToMessage(text, &from_json);
  ASSERT_TRUE(status.ok()) << status.ToString() << "\n" << text;
  Message from_wire;
  ASSERT_TRUE(from_wire.ParseFromString(wire.last_value())) << text;
  google::protobuf::util::MessageDifferencer differencer;
  std::string differences;
  differencer.ReportDifferencesToString(&differences);
  EXPECT_TRUE(differencer.Compare(from_json, from_wire)) << differences << text;
}

void expect_same_scored(const ScoredEvent& event) {
  Desk json(Encoding::json);
  Desk wire(Encoding::protobuf);
  json.encoder.scored(event);
  wire.encoder.scored(event);
  expect_same_content<v1::ScoredRecord>(json, wire);
}

void expect_same_alert(const Alert& alert, const ScoredEvent& cause) {
  Desk json(Encoding::json);
  Desk wire(Encoding::protobuf);
  json.encoder.alert(alert, cause);
  wire.encoder.alert(alert, cause);
  expect_same_content<v1::Alert>(json, wire);
}

/// Random outcomes, with a liking for what is at the edge.
class Chance {
 public:
  explicit Chance(std::uint64_t seed) : engine_(seed) {}

  std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }
  bool coin() { return below(2) == 0; }

  double number() {
    constexpr std::array kEdges{0.0,
                                -0.0,
                                1.0,
                                -1.5,
                                1e300,
                                -1e300,
                                5e-324,
                                0.1,
                                1e15,
                                0.00099999999,
                                0.99999999,
                                999'999'999.99999,
                                std::numeric_limits<double>::infinity(),
                                -std::numeric_limits<double>::infinity(),
                                std::numeric_limits<double>::quiet_NaN()};
    if (coin()) return kEdges[below(kEdges.size())];
    return std::ldexp(static_cast<double>(engine_() >> 11U), static_cast<int>(below(120)) - 110);
  }
  double probability() {
    return std::ldexp(static_cast<double>(engine_() >> 11U), -53 - static_cast<int>(below(60)));
  }
  std::optional<double> maybe() { return coin() ? std::optional(number()) : std::nullopt; }

  std::string_view text() {
    constexpr std::array<std::string_view, 9> kPieces{"a",
                                                      "\"",
                                                      "\\",
                                                      "\n",
                                                      std::string_view("\0", 1),
                                                      "\x1f\x7f",
                                                      "é",
                                                      "🔥",
                                                      "longer than eight"};
    std::string& made = texts_.emplace_back();
    for (std::uint64_t i = below(12); i > 0; --i) made.append(kPieces[below(kPieces.size())]);
    return made;
  }

  std::int64_t time_ms() {
    constexpr std::array<std::int64_t, 6> kEdges{0,
                                                 -1,
                                                 999,
                                                 std::numeric_limits<std::int64_t>::min(),
                                                 std::numeric_limits<std::int64_t>::max(),
                                                 sample::kTimeMs};
    if (coin()) return kEdges[below(kEdges.size())];
    return static_cast<std::int64_t>(below(400'000'000'000'000)) - 100'000'000'000'000;
  }

  ScoredEvent event() {
    features_.clear();
    detectors_.clear();
    for (std::uint64_t i = below(5); i > 0; --i) features_.push_back(reading());
    for (std::uint64_t i = below(4); i > 0; --i) {
      detectors_.push_back({.type = "spike", .score = number(), .p_value = probability()});
    }
    return {.source = {.stream = text(),
                       .topic = "topic",
                       .partition = static_cast<std::int32_t>(below(1000)),
                       .offset = static_cast<std::int64_t>(engine_() >> below(64) >> 1U)},
            .entity = text(),
            .time_ms = time_ms(),
            .warming_up = coin(),
            .p_value = probability(),
            .score = number(),
            .alert_score = number(),
            .is_anomaly = coin(),
            .severity = static_cast<Severity>(below(4)),
            .confidence = probability(),
            .learning = static_cast<Learning>(below(4)),
            .features = features_,
            .detectors = detectors_,
            .has_details = coin()};
  }

  Alert alert() {
    related_.clear();
    for (std::uint64_t i = below(4); i > 0; --i) related_.push_back(text());
    return {.state = static_cast<AlertState>(below(3)),
            .close_reason = static_cast<CloseReason>(below(5)),
            .ordinal = static_cast<std::uint32_t>(below(3)),
            .entity = text(),
            .incident_offset = static_cast<std::int64_t>(below(1000)),
            .opened_ms = time_ms(),
            .closed_ms = time_ms(),
            .worst_offset = static_cast<std::int64_t>(below(1000)),
            .count = static_cast<std::uint32_t>(engine_()),
            .worst_score = number(),
            .severity = static_cast<Severity>(below(4)),
            .kind = coin() ? "multivariate" : "spike",
            .feature = "duration",
            .lead = reading(),
            .related = related_};
  }

 private:
  FeatureReading reading() {
    return {.name = text(),
            .value = maybe(),
            .expected = maybe(),
            .lower = maybe(),
            .upper = maybe(),
            .share = probability()};
  }

  std::mt19937_64 engine_;
  std::deque<std::string> texts_;  // Addresses stay.
  std::vector<FeatureReading> features_;
  std::vector<DetectorReading> detectors_;
  std::vector<std::string_view> related_;
};

TEST(Encoding, IsTheSameForTheSamples) {
  expect_same_scored(sample::normal_event());
  expect_same_scored(sample::warming_event());
  expect_same_scored(sample::anomaly());
  expect_same_alert(sample::opening(), sample::anomaly());
  expect_same_alert(sample::worsening(), sample::anomaly());
  expect_same_alert(sample::ending(), sample::anomaly());
}

TEST(Encoding, IsTheSameForAnyScoredEvent) {
  for (std::uint64_t seed = 0; seed < 3000 && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    expect_same_scored(Chance(seed).event());
  }
}

TEST(Encoding, IsTheSameForAnyAlert) {
  for (std::uint64_t seed = 0; seed < 2000 && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Chance chance(seed);
    const ScoredEvent cause = chance.event();
    expect_same_alert(chance.alert(), cause);
  }
}

}  // namespace
}  // namespace tocsin
