#include "pipeline/kafka/kafka_admin.h"

#include <gtest/gtest.h>

#include "pipeline/kafka/embedded_broker.h"

namespace tocsin {
namespace {

using std::chrono::milliseconds;

TEST(KafkaAdmin, TellsWhatExistsWhatIsMissingAndWhatAnExpressionFinds) {
  const auto broker = EmbeddedBroker::start(3);
  ASSERT_TRUE(broker);
  ASSERT_TRUE((*broker)->create_topic("metrics", 3));
  ASSERT_TRUE((*broker)->create_topic("app-a", 1));
  ASSERT_TRUE((*broker)->create_topic("app-b", 2));
  ASSERT_TRUE((*broker)->create_topic("app-state", 1));
  const KafkaSettings settings{
      .app = "t", .brokers = {(*broker)->bootstrap()}, .never_read = {"app-state"}};
  KafkaHealth health;
  const auto admin = KafkaAdmin::make(settings, nullptr, health);
  ASSERT_TRUE(admin);

  const std::vector<std::string> wanted{"metrics", "^app-", "^nothing", "lost", "app-b"};
  const auto view = (*admin)->look(wanted, milliseconds(10'000));

  ASSERT_TRUE(view) << view.error().message;
  EXPECT_EQ(view->brokers, 3);
  ASSERT_EQ(view->topics.size(), 3U);
  EXPECT_EQ(view->topics[0].name, "app-a");
  EXPECT_EQ(view->topics[1].partitions, 2);
  EXPECT_EQ(view->find("metrics")->partitions, 3);
  EXPECT_EQ(view->find("app-state"), nullptr);
  EXPECT_EQ(view->missing, std::vector<std::string>{"lost"});
  EXPECT_EQ(view->unmatched, std::vector<std::string>{"^nothing"});
}

TEST(KafkaAdmin, TellsABrokerThatMakesNoTopicsFromOneThatDoesNotAnswer) {
  const auto broker = EmbeddedBroker::start();
  ASSERT_TRUE(broker);
  ASSERT_TRUE((*broker)->create_topic("narrow", 1));
  const KafkaSettings settings{.app = "t", .brokers = {(*broker)->bootstrap()}};
  KafkaHealth health;
  const auto admin = KafkaAdmin::make(settings, nullptr, health);
  ASSERT_TRUE(admin);

  const TopicChanged made =
      (*admin)->make_topic({.name = "new", .partitions = 1, .config = {}}, milliseconds(10'000));
  EXPECT_EQ(made.change, TopicChange::unsupported) << made.reason;
  const TopicChanged widened = (*admin)->widen_topic("narrow", 2, milliseconds(10'000));
  EXPECT_EQ(widened.change, TopicChange::unsupported) << widened.reason;
  const std::vector<std::string> wanted{"narrow"};
  const auto view = (*admin)->look(wanted, milliseconds(10'000));
  ASSERT_TRUE(view);
  EXPECT_NE(view->untold, "");

  (*broker)->set_reachable(false);
  const TopicChanged lost =
      (*admin)->make_topic({.name = "new", .partitions = 1, .config = {}}, milliseconds(300));
  EXPECT_EQ(lost.change, TopicChange::try_again) << lost.reason;
}

TEST(KafkaAdmin, SaysWhyNobodyAnswers) {
  const KafkaSettings settings{.app = "t", .brokers = {"127.0.0.1:1"}};
  KafkaHealth health;
  const auto admin = KafkaAdmin::make(settings, nullptr, health);
  ASSERT_TRUE(admin);

  const auto view = (*admin)->look({}, milliseconds(2'000));

  ASSERT_FALSE(view);
  EXPECT_NE(view.error().message.find("no broker answers: "), std::string::npos);
  EXPECT_NE(view.error().message.find("127.0.0.1:1"), std::string::npos) << view.error().message;
  EXPECT_GT(health.errors.value(), 0U);
}

TEST(KafkaAdmin, RefusesAPropertyThatContradictsAnother) {
  const KafkaSettings settings{
      .app = "t",
      .brokers = {"127.0.0.1:1"},
      .properties = {{"ssl.ca.location", "/nowhere/ca.pem"}, {"security.protocol", "ssl"}}};
  KafkaHealth health;

  const auto admin = KafkaAdmin::make(settings, nullptr, health);

  ASSERT_FALSE(admin);
  EXPECT_NE(admin.error().message.find("ssl.ca.location"), std::string::npos)
      << admin.error().message;
}

}  // namespace
}  // namespace tocsin
