// A secret is shown nowhere: not in a message, not in a line, not in the effective configuration.

#include <gtest/gtest.h>

#include "daemon/config/config_for_test.h"
#include "daemon/config/source_text.h"

namespace tocsin {
namespace {

const TestSurroundings kWorld{.variables = {{"PASSWORD", "hunter2"}},
                              .files = {{"/password", "hunter2\n"}}};

std::string with_properties(const std::string& lines) {
  return "kafka:\n  brokers: [a:1]\n  properties:\n" + lines + "streams: [{topics: [x]}]\n";
}

TEST(Secrets, AreWarnedAboutInPlainTextAndRedacted) {
  EXPECT_EQ(said(with_properties("    sasl.password: hunter2\n")),
            R"(t.yaml:4:20: warning: kafka.properties.sasl.password: is a secret in plain text
  4 |     sasl.password: <redacted>
    |                    ^
  hint: Keep it elsewhere: `${env:NAME}` or `${file:/path}`.
)");
}

TEST(Secrets, FromElsewhereAreQuietAndReachKafka) {
  for (const char* from : {"${env:PASSWORD}", "${file:/password}"}) {
    const Compiled result =
        compiled(with_properties("    sasl.password: " + std::string(from) + "\n"), kWorld);

    ASSERT_TRUE(result.config);
    EXPECT_TRUE(result.diagnostics.empty());
    EXPECT_EQ(result.config->kafka.properties[0].second, "hunter2");
    EXPECT_NE(effective_yaml(*result.config).find("sasl.password: <redacted>\n"),
              std::string::npos);
  }
}

TEST(Secrets, MayBeAnythingThatCameFromAFile) {
  const Compiled result = compiled(
      with_properties("    client.id: ${file:/password}\n    client.rack: ${env:PASSWORD}\n"),
      kWorld);

  ASSERT_TRUE(result.config);
  const std::string effective = effective_yaml(*result.config);
  EXPECT_NE(effective.find("client.id: <redacted>\n"), std::string::npos) << effective;
  EXPECT_NE(effective.find("client.rack: \"hunter2\"\n"), std::string::npos) << effective;
}

TEST(Secrets, DoNotChangeTheHash) {
  const auto hash = [](const std::string& value) {
    return compiled(with_properties("    sasl.password: " + value + "\n")).config->hash;
  };
  EXPECT_EQ(hash("a"), hash("b"));
}

// Each puts the word somewhere where a message shows its line.
TEST(Secrets, AreNotShownWhereverTheyStand) {
  const std::vector<std::string> files{
      with_properties("    sasl.password: hunter2\n    sasl.password: hunter2\n"),
      with_properties("    {sasl.password: hunter2, nope: 1}\n"),
      with_properties("    sasl.passwrod: hunter2\n"),
      with_properties("    sasl.password: [hunter2]\n"),
      with_properties("    sasl.password: hunter2${\n"),
      with_properties("    sasl.password: a${hunter2}\n"),
      with_properties("    sasl.password: |\n      hunter2\n      hunter2\n    nope: 1\n"),
      with_properties("    sasl.password: \"hunter2\n"),
      with_properties("    sasl.password: hunter2: x\n"),
      with_properties("    sasl.password: >\n      hunter2: {\n   x\n"),
      ("kafka: {properties: {ssl.key.password: hunter2}}\n"
       "kafka: {properties: {sasl.password: hunter2}}\n"),
      "sasl: {password: hunter2}\n",
      "password: hunter2\n",
      "kafka: {brokers: {password: hunter2}}\n",
      "kafka: {properties: [{password: hunter2}]}\n",
      "kafka: &k {properties: {sasl.password: &p hunter2}, nope: *p}\nhttp: *k\n"};
  for (const std::string& file : files) {
    const std::string all = said(file);

    EXPECT_NE(all, "") << file;
    EXPECT_EQ(all.find("hunter"), std::string::npos) << file << "\n" << all;
  }
}

TEST(Secrets, AreRecognisedByName) {
  for (const char* name :
       {"sasl.password", "ssl.key.password", "ssl.keystore.password", "sasl.oauthbearer.config",
        "sasl.oauthbearer.client.secret", "ssl.key.pem", "sasl.jaas.config", "PASSWORD"}) {
    EXPECT_TRUE(is_secret_name(name)) << name;
  }
  for (const char* name :
       {"ssl.key.location", "sasl.username", "client.id", "sasl.oauthbearer.token.endpoint.url",
        "ssl.ca.pem", "message.max.bytes", "topics"}) {
    EXPECT_FALSE(is_secret_name(name)) << name;
  }
}

}  // namespace
}  // namespace tocsin
