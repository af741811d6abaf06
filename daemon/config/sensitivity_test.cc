#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "daemon/config/config_for_test.h"

namespace tocsin {
namespace {

using Unit = Sensitivity::Unit;

std::optional<StreamSettings> stream(const std::string& more) {
  const Compiled result = compiled(stream_with(more));
  if (!result.config) return std::nullopt;
  return result.config->streams[0];
}

std::optional<Sensitivity> sensitivity(const std::string& value) {
  const auto settings = stream("    sensitivity: " + value + "\n");
  return settings ? std::optional(settings->sensitivity) : std::nullopt;
}

TEST(SensitivityInConfig, IsAWordANumberOrASection) {
  EXPECT_EQ(sensitivity("sensitive"), (Sensitivity{Unit::entity_day, 1}));
  EXPECT_EQ(sensitivity("balanced"), (Sensitivity{Unit::entity_day, .01}));
  EXPECT_EQ(sensitivity("strict"), (Sensitivity{Unit::entity_day, .001}));
  EXPECT_EQ(sensitivity("0.0025"), Sensitivity::per_event(.0025));
  EXPECT_EQ(sensitivity("{contamination: 0.0025}"), Sensitivity::per_event(.0025));
  EXPECT_EQ(sensitivity("{incidents_per_day: 5}"), (Sensitivity{Unit::stream_day, 5}));
  EXPECT_EQ(sensitivity("{incidents_per_day: 5, partitions: 12}"),
            (Sensitivity{Unit::stream_day, 5, 12}));
  // 864 alarms among 10 * 86400 events.
  EXPECT_EQ(sensitivity("{incidents_per_day: 864, events_per_second: 10}"),
            Sensitivity::per_event(1e-3));
  EXPECT_EQ(sensitivity("0.5"), std::nullopt);
  EXPECT_EQ(sensitivity("lax"), std::nullopt);
}

TEST(SensitivityInConfig, RefusesWhatContradicts) {
  EXPECT_EQ(said(stream_with("    sensitivity: {partitions: 3}\n")),
            R"(t.yaml:4:18: error: streams[0].sensitivity.incidents_per_day: is missing
  4 |     sensitivity: {partitions: 3}
    |                  ^
  hint: For instance `incidents_per_day: 5`, or `contamination: 0.001` alone.
)");
  EXPECT_EQ(
      said(stream_with("    sensitivity: {contamination: 0.01, incidents_per_day: 5}\n")),
      R"(t.yaml:4:40: error: streams[0].sensitivity.incidents_per_day: contradicts `contamination`
  4 |     sensitivity: {contamination: 0.01, incidents_per_day: 5}
    |                                        ^
  hint: Remove one of them.
)");
  const std::string both = said(stream_with(
      "    sensitivity: {incidents_per_day: 5, events_per_second: 3, partitions: 2}\n"));
  EXPECT_NE(both.find("partitions: contradicts `events_per_second`"), std::string::npos) << both;
  const std::string rare =
      said(stream_with("    sensitivity: {incidents_per_day: 1, events_per_second: 1e9}\n"));
  EXPECT_NE(rare.find("comes to a probability per event of"), std::string::npos) << rare;
}

TEST(SensitivityInConfig, IsAlsoAFeaturesAndAnEntitys) {
  const auto settings = stream(R"(    features:
      - {name: a, field: /a, sensitivity: strict}
      - {name: b, field: /b}
    entities:
      - {match: "^db-", sensitivity: 0.001}
      - {match: "web", sensitivity: sensitive}
)");
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->features[0].sensitivity, (Sensitivity{Unit::entity_day, .001}));
  EXPECT_EQ(settings->features[1].sensitivity, std::nullopt);
  ASSERT_EQ(settings->entity_rules.size(), 2U);
  EXPECT_EQ(settings->entity_rules[0].match, "^db-");
  EXPECT_EQ(settings->entity_rules[0].sensitivity, Sensitivity::per_event(.001));
  EXPECT_EQ(settings->entity_rules[1].sensitivity, (Sensitivity{Unit::entity_day, 1}));
}

TEST(SensitivityInConfig, RefusesExpressionsThatAreNone) {
  const std::string wrong =
      said(stream_with("    entities: [{match: '(', sensitivity: strict}]\n"));
  EXPECT_NE(wrong.find("entities[0].match: is"), std::string::npos) << wrong;
  EXPECT_NE(wrong.find("The expression is wrong"), std::string::npos) << wrong;
}

}  // namespace
}  // namespace tocsin
