#include "pipeline/kafka/properties.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace tocsin {
namespace {

TEST(Properties, AcceptsWhatLibrdkafkaKnows) {
  EXPECT_TRUE(try_property("linger.ms", "20"));
  EXPECT_TRUE(try_property("security.protocol", "ssl"));
  EXPECT_TRUE(try_property("compression.codec", "zstd"));
}

TEST(Properties, SaysInOneLineWhatIsWrong) {
  const auto unknown = try_property("linger.mss", "20");
  const auto outside = try_property("linger.ms", "-3");
  const auto word = try_property("compression.codec", "brotli");

  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().message, "No such configuration property: \"linger.mss\"");
  ASSERT_FALSE(outside);
  EXPECT_EQ(outside.error().message,
            "Configuration property \"linger.ms\" value -3 is outside allowed range 0..900000");
  ASSERT_FALSE(word);
  EXPECT_NE(word.error().message.find("brotli"), std::string::npos);
  EXPECT_EQ(word.error().message.find('\n'), std::string::npos);
}

TEST(Properties, RefusesWhatWouldBreakExactlyOnce) {
  for (const auto* name : {"enable.auto.commit", "isolation.level", "transactional.id", "group.id",
                           "enable.idempotence", "auto.offset.reset", "acks", "partitioner",
                           "request.required.acks", "plugin.library.paths", "dr_msg_cb"}) {
    EXPECT_TRUE(why_refused(name)) << name;
  }
  EXPECT_EQ(why_refused("bootstrap.servers"),
            "is set by tocsin: name the brokers in `kafka.brokers`");
}

TEST(Properties, LeavesTheRestToTheUser) {
  for (const auto* name : {"linger.ms", "batch.size", "compression.codec", "security.protocol",
                           "sasl.password", "ssl.ca.location", "fetch.wait.max.ms", "debug",
                           "session.timeout.ms", "client.rack", "queued.min.messages"}) {
    EXPECT_FALSE(why_refused(name)) << name;
  }
}

TEST(Properties, SuggestsOnlyWhatMayBeSet) {
  const auto names = settable_properties();

  EXPECT_GT(names.size(), 60U);
  EXPECT_NE(std::ranges::find(names, "linger.ms"), names.end());
  EXPECT_NE(std::ranges::find(names, "compression.level"), names.end());
  EXPECT_EQ(std::ranges::find(names, "isolation.level"), names.end());
}

TEST(Properties, KnowsWhichClientTakesWhat) {
  const auto known = known_properties();
  const auto one = [&known](std::string_view name) {
    return *std::ranges::find(known, name, &KnownProperty::name);
  };

  EXPECT_TRUE(one("linger.ms").producer);
  EXPECT_FALSE(one("linger.ms").consumer);
  EXPECT_TRUE(one("session.timeout.ms").consumer);
  EXPECT_FALSE(one("session.timeout.ms").producer);
  EXPECT_TRUE(one("security.protocol").consumer);
  EXPECT_TRUE(one("security.protocol").producer);
}

}  // namespace
}  // namespace tocsin
