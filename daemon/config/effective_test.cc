#include "daemon/config/effective.h"

#include <gtest/gtest.h>

#include <cctype>

#include "daemon/config/config_for_test.h"

namespace tocsin {
namespace {

TEST(EffectiveConfiguration, CompilesToItself) {
  for (const std::string& text :
       {source_file("deploy/tocsin.yaml"), valid(),
        stream_with("    features: [{name: \"a $$ b\\n\", field: /a, is: \"$$5\"}]\n"),
        stream_with("    features: [{field: /~0$$, in: [1, \"1\", true, x y]}]\n"),
        stream_with("    features: [{field: /a, direction: up, min_change: 2, ignore_below: 0}]\n"),
        valid() + "http: {listen: '[::1]:0'}\ndelivery: at_least_once\n"}) {
    const Compiled first = compiled(text);
    if (!first.config) continue;
    const std::string written = effective_yaml(*first.config);

    const Compiled second = compiled(written);

    ASSERT_TRUE(second.config) << written << render(second.diagnostics, Colour::never);
    EXPECT_EQ(effective_yaml(*second.config), written);
  }
}

TEST(EffectiveConfiguration, WritesWhatTheFileLeftOut) {
  const std::string written = effective_yaml(*compiled(valid()).config);

  EXPECT_NE(
      written.find("  - name: \"x\"\n    topics: [\"x\"]\n    format: json\n    entity: $key\n"),
      std::string::npos);
  EXPECT_NE(written.find("pipeline:\n  workers: auto\n  epoch: 200ms\n  epoch_bytes: 16MiB\n"),
            std::string::npos);
}

std::string hash(const std::string& text) {
  const Compiled result = compiled(text);
  EXPECT_TRUE(result.config) << render(result.diagnostics, Colour::never);
  return result.config ? result.config->hash : "";
}

TEST(EffectiveConfiguration, WritesTheLimitsOfAFeatureWhereThereAreAny) {
  const std::string written = effective_yaml(
      *compiled(stream_with("    features:\n      - {field: /a, direction: down, min_change: 2.5, "
                            "ignore_below: 0}\n      - {field: /b}\n"))
           .config);
  EXPECT_NE(written.find("        field: \"/a\"\n        direction: down\n        min_change: 2.5\n"
                         "        ignore_below: 0\n      - name: \"b\"\n"),
            std::string::npos)
      << written;
}

TEST(ConfigurationHash, IsSixteenHexDigits) {
  const std::string digits = hash(valid());

  EXPECT_EQ(digits.size(), 16U);
  EXPECT_EQ(digits.find_first_not_of("0123456789abcdef"), std::string::npos);
}

TEST(ConfigurationHash, IgnoresWhatCannotChangeAResult) {
  const std::string digits = hash(valid());
  EXPECT_EQ(hash("# comment\n" + valid() + "app: other\n"), digits);
  EXPECT_EQ(hash(valid() + "pipeline: {workers: 4, epoch: 1s}\n"), digits);
  EXPECT_EQ(hash(valid() + "http: {listen: 0.0.0.0:1}\nlog: {level: debug}\n"), digits);
  EXPECT_EQ(hash(valid() + "delivery: at_least_once\n"), digits);
  EXPECT_EQ(hash(valid() + "memory: {max_bytes: 2GiB, partitions: 3}\n"), digits);
  EXPECT_EQ(hash(valid() + "outputs: {scores: {topic: s}, alerts: {topic: a}}\n"), digits);
  EXPECT_EQ(hash("kafka: {brokers: [b:2], properties: {client.id: x}}\nstreams: [{topics: [x]}]\n"),
            digits);
  EXPECT_EQ(hash(stream_with("    seed: 0\n    sensitivity: balanced\n    entity: [$key]\n")),
            digits);
}

TEST(ConfigurationHash, ChangesWithWhatCanChangeAResult) {
  const std::string digits = hash(valid());
  for (const char* more :
       {"    seed: 1\n", "    sensitivity: strict\n", "    entity: /a\n",
        "    features: [{field: /a}]\n", "    detectors: [{type: spike}]\n",
        "    time: {field: /t}\n", "    far_future: 2d\n", "    record_max_bytes: 2MiB\n",
        "    features_max: 17\n", "    forecast: {enabled: false}\n",
        "    forecast: {time_zone: Europe/Berlin}\n", "    forecast: {holidays: [2026-12-25]}\n",
        "    learning: {adopt_after_events: 65}\n", "    learning: {adopt_after: 7h}\n",
        "    learning: {adopt_at_most: 25h}\n"}) {
    EXPECT_NE(hash(stream_with(more)), digits) << more;
  }
  EXPECT_NE(hash(valid() + "memory: {partition_bytes: 1MiB}\n"), digits);
  EXPECT_NE(hash(valid() + "outputs: {scores: {detail: full}}\n"), digits);
  EXPECT_NE(hash(valid() + "outputs: {alerts: {encoding: protobuf}}\n"), digits);
}

}  // namespace
}  // namespace tocsin
