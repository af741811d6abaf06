#include "pipeline/scoring/related_alerts.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace tocsin {
namespace {

class RelatedAlertsTest : public testing::Test {
 protected:
  RelatedAlerts& related() { return related_; }
  std::vector<std::string> others(std::string_view entity, std::int64_t time_ms) const {
    const RelatedAlerts::Found found = related_.others(entity, time_ms);
    return {found.entities.begin(), found.entities.begin() + found.count};
  }

 private:
  std::unique_ptr<RelatedAlerts::Block> block_ = std::make_unique<RelatedAlerts::Block>();
  RelatedAlerts related_{*block_};
};

using Names = std::vector<std::string>;

TEST_F(RelatedAlertsTest, AreOtherEntitiesOfTheSameMinute) {
  related().note("a", 60'000);
  related().note("b", 119'999);
  related().note("c", 120'000);

  EXPECT_EQ(others("a", 100'000), Names{"b"});
  EXPECT_EQ(others("d", 60'000), (Names{"b", "a"}));
  EXPECT_EQ(others("d", 179'000), Names{"c"});
  EXPECT_EQ(others("d", 59'999), Names{});
}

TEST_F(RelatedAlertsTest, KnowTheMinutesBefore1970) {
  related().note("a", -1);

  EXPECT_EQ(others("b", -60'000), Names{"a"});
  EXPECT_EQ(others("b", 0), Names{});
  EXPECT_EQ(others("b", -60'001), Names{});
}

TEST_F(RelatedAlertsTest, NameAnEntityOnceAMinute) {
  for (int i = 0; i < 20; ++i) related().note("a", i);
  related().note("b", 0);

  EXPECT_EQ(others("c", 0), (Names{"b", "a"}));
}

TEST_F(RelatedAlertsTest, NameAtMostEightTheLatestFirst) {
  for (int i = 0; i < 30; ++i) related().note("e" + std::to_string(i), 0);

  const Names found = others("c", 0);

  EXPECT_EQ(found.size(), 8U);
  EXPECT_EQ(found.front(), "e29");
  EXPECT_EQ(found.back(), "e22");
}

}  // namespace
}  // namespace tocsin
