// librdkafka's properties within a configuration.

#include <gtest/gtest.h>

#include "daemon/config/config_for_test.h"

namespace tocsin {
namespace {

std::string with_property(const std::string& line) {
  return "kafka:\n  brokers: [a:1]\n  properties:\n    " + line + "\nstreams: [{topics: [x]}]\n";
}

TEST(Properties, AreTriedWithLibrdkafka) {
  EXPECT_EQ(
      said(with_property("compression.codec: lz5")),
      R"(t.yaml:4:24: error: kafka.properties.compression.codec: librdkafka does not accept this value: Invalid value "lz5" for configuration property "compression.codec"
  4 |     compression.codec: lz5
    |                        ^
)");
  EXPECT_EQ(
      said(with_property("fetch.min.bytes: -5")),
      R"(t.yaml:4:22: error: kafka.properties.fetch.min.bytes: librdkafka does not accept this value: Configuration property "fetch.min.bytes" value -5 is outside allowed range 1..100000000
  4 |     fetch.min.bytes: -5
    |                      ^
)");
  const Compiled good = compiled(with_property("compression.codec: lz4"));
  ASSERT_TRUE(good.config);
  EXPECT_EQ(good.config->kafka.properties,
            (std::vector<std::pair<std::string, std::string>>{{"compression.codec", "lz4"}}));
}

TEST(Properties, AreTriedTogetherAsClientsWillHaveThem) {
  EXPECT_EQ(
      said(with_property("security.protocol: sasl_plaintext\n    sasl.mechanism: PLANE")),
      R"(t.yaml:4:5: error: kafka.properties: librdkafka refuses the configuration: Unsupported SASL mechanism: PLANE
  4 |     security.protocol: sasl_plaintext
    |     ^
)");
  EXPECT_EQ(
      said(with_property("max.poll.interval.ms: 6000")),
      R"(t.yaml:4:27: error: kafka.properties.max.poll.interval.ms: librdkafka refuses the configuration: `max.poll.interval.ms`must be >= `session.timeout.ms`
  4 |     max.poll.interval.ms: 6000
    |                           ^
)");
  EXPECT_EQ(said(with_property("ssl.ca.location: /only/where/it/runs")), "");
}

TEST(Properties, SuggestTheRightName) {
  EXPECT_EQ(
      said(with_property("compresion.codec: lz4")),
      R"(t.yaml:4:5: error: kafka.properties.compresion.codec: librdkafka has no property of this name
  4 |     compresion.codec: <redacted>
    |     ^
  hint: did you mean `compression.codec`?
)");
}

TEST(Properties, ThatWouldBreakExactlyOnceAreRefusedByName) {
  for (const char* name :
       {"enable.auto.commit", "enable.auto.offset.store", "isolation.level", "transactional.id",
        "group.id", "group.instance.id", "enable.idempotence", "auto.offset.reset",
        "partition.assignment.strategy", "partitioner", "enable.partition.eof", "acks",
        "request.required.acks", "max.in.flight", "bootstrap.servers", "metadata.broker.list",
        "transaction.timeout.ms"}) {
    const Compiled result = compiled(with_property(std::string(name) + ": 1"));

    ASSERT_EQ(result.diagnostics.size(), 1U) << name;
    EXPECT_EQ(result.diagnostics[0].path, "kafka.properties." + std::string(name));
    EXPECT_EQ(result.diagnostics[0].line, 4);
    EXPECT_EQ(result.diagnostics[0].column, 5);
    EXPECT_GT(result.diagnostics[0].message.size(), 20U) << name;
  }
}

TEST(Properties, AreScalars) {
  EXPECT_EQ(
      said(with_property("client.id: [a]")),
      R"(t.yaml:4:16: error: kafka.properties.client.id: is a list, but must be a text or a number
  4 |     client.id: [a]
    |                ^
)");
}

}  // namespace
}  // namespace tocsin
