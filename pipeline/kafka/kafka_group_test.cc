#include "pipeline/kafka/kafka_group.h"

#include <gtest/gtest.h>

#include "pipeline/kafka/embedded_broker.h"

namespace tocsin {
namespace {

using std::chrono::milliseconds;

class KafkaGroupTest : public testing::Test {
 protected:
  void SetUp() override {
    auto started = EmbeddedBroker::start();
    ASSERT_TRUE(started);
    broker = *std::move(started);
    auto made = KafkaGroup::make({.app = "t", .brokers = {broker->bootstrap()}}, nullptr, health);
    ASSERT_TRUE(made) << made.error().message;
    group = *std::move(made);
  }

  std::unique_ptr<EmbeddedBroker> broker;
  KafkaHealth health;
  std::unique_ptr<KafkaGroup> group;
};

TEST_F(KafkaGroupTest, ABrokerThatTellsNoMembersIsToldFromAnEmptyGroup) {
  const auto members = group->members(milliseconds(5'000));

  EXPECT_FALSE(members.answer);
  EXPECT_EQ(members.reason.find("the brokers do not tell who is in group t: "), 0U)
      << members.reason;
}

TEST_F(KafkaGroupTest, ABrokerThatIsGoneIsToldFromAnEmptyGroup) {
  broker->set_reachable(false);

  const auto members = group->members(milliseconds(300));

  EXPECT_FALSE(members.answer);
  EXPECT_FALSE(members.is_forbidden);
  EXPECT_NE(members.reason, "");
}

}  // namespace
}  // namespace tocsin
