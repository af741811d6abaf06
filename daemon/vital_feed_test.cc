#include "daemon/vital_feed.h"

#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <string>

#include "daemon/alert_tail.h"
#include "pipeline/kafka/embedded_broker.h"

namespace tocsin {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(VitalFeed, WritesEventsOfSeveralEntitiesThatATailReads) {
  auto broker = EmbeddedBroker::start();
  ASSERT_TRUE(broker) << broker.error().message;
  const std::string bootstrap = (*broker)->bootstrap();
  ASSERT_TRUE((*broker)->create_topic("vital-signs", 1));
  const KafkaLog silent = [](int, std::string_view, std::string_view) {};
  std::set<std::string> entities;
  auto tail = AlertTail::begin(bootstrap, "vital-signs", silent, [&](std::string_view json) {
    entities.emplace(json.substr(0, json.find(",\"time\"")));
  });
  ASSERT_TRUE(tail) << tail.error().message;

  const VitalFeed feed(bootstrap, "vital-signs", silent);
  const auto deadline = std::chrono::steady_clock::now() + seconds(30);
  while (entities.size() < 3 && std::chrono::steady_clock::now() < deadline) {
    const auto polled = (*tail)->poll(milliseconds(100));
    ASSERT_TRUE(polled) << polled.error().message;
  }

  EXPECT_EQ(entities.count(R"({"entity":"cpu")"), 1U);
  EXPECT_EQ(entities.count(R"({"entity":"memory")"), 1U);
  EXPECT_GE(feed.events(), 3U);
}

}  // namespace
}  // namespace tocsin
