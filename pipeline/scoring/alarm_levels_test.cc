#include "pipeline/scoring/alarm_levels.h"

#include <gtest/gtest.h>

namespace tocsin {
namespace {

using Unit = Sensitivity::Unit;

constexpr AlarmLevels::Rates kRates{.entity = 288, .partition = 28'800};

double probability(const StreamSettings& settings, AlarmLevels::Rule rule = 0,
                   std::optional<std::size_t> column = std::nullopt) {
  return AlarmLevels(settings).level(rule, column, kRates).probability;
}

TEST(AlarmLevels, DividesIncidentsByEvents) {
  StreamSettings settings;
  settings.sensitivity = {Unit::entity_day, .01};
  EXPECT_DOUBLE_EQ(probability(settings), .01 / 288);
  settings.sensitivity = {Unit::stream_day, 5};
  EXPECT_DOUBLE_EQ(probability(settings), 5.0 / 28'800);
  settings.sensitivity = {Unit::stream_day, 5, 10};
  EXPECT_DOUBLE_EQ(probability(settings), .5 / 28'800);
  settings.sensitivity = Sensitivity::per_event(3e-4);
  EXPECT_EQ(probability(settings), 3e-4);
}

TEST(AlarmLevels, NeverAlarmsOnMoreThanATenth) {
  StreamSettings settings;
  settings.sensitivity = {Unit::entity_day, 1};
  EXPECT_EQ(AlarmLevels(settings).level(0, {}, {.entity = 2, .partition = 2}).probability, .1);
}

TEST(AlarmLevels, SaysWhatFollowsFromARate) {
  StreamSettings settings;
  EXPECT_TRUE(AlarmLevels(settings).level(0, {}, kRates).is_of_a_rate);
  settings.sensitivity = Sensitivity::per_event(1e-7);
  EXPECT_FALSE(AlarmLevels(settings).level(0, {}, kRates).is_of_a_rate);
}

TEST(AlarmLevels, TakesTheFirstRuleThatMatches) {
  StreamSettings settings;
  settings.sensitivity = Sensitivity::per_event(1e-4);
  settings.entity_rules = {{"^db-", Sensitivity::per_event(1e-5)},
                           {"east", Sensitivity::per_event(1e-3)}};
  const AlarmLevels levels(settings);
  EXPECT_EQ(levels.rule_of("db-east"), 1);
  EXPECT_EQ(levels.rule_of("web-east"), 2);
  EXPECT_EQ(levels.rule_of("web-db-"), 0);
  EXPECT_EQ(probability(settings, 1), 1e-5);
  EXPECT_EQ(probability(settings, 2), 1e-3);
}

TEST(AlarmLevels, PutsAFeaturesOwnBeforeTheEntitys) {
  StreamSettings settings;
  settings.features = {{.name = "a", .field = "/a"}, {.name = "b", .field = "/b"}};
  settings.features[1].sensitivity = Sensitivity::per_event(1e-2);
  settings.entity_rules = {{"^db-", Sensitivity::per_event(1e-5)}};
  EXPECT_EQ(probability(settings, 1, 0), 1e-5);
  EXPECT_EQ(probability(settings, 1, 1), 1e-2);
  EXPECT_TRUE(AlarmLevels(settings).has_features());
}

}  // namespace
}  // namespace tocsin
