// What YAML would allow, or yaml-cpp lets pass, and a configuration may not have.

#include "daemon/config/document.h"

#include <gtest/gtest.h>

#include <random>

#include "daemon/config/config_for_test.h"

namespace tocsin {
namespace {

TEST(Document, RefusesAKeyThatIsThereTwice) {
  EXPECT_EQ(said("app: a\n" + valid() + "app: b\n"),
            R"(t.yaml:4:1: error: app: is here twice; the first is in line 1
  4 | app: b
    | ^
  hint: Remove one of them.
)");
}

TEST(Document, RefusesTagsMergeKeysAndKeysThatAreNoWords) {
  EXPECT_EQ(
      said(valid() + "app: !!str x\n<<: {}\n? [a]\n: b\n"),
      R"(t.yaml:3:6: error: app: carries the tag `tag:yaml.org,2002:str`, but tags are not allowed
  3 | app: !!str x
    |      ^
  hint: Remove it: the option decides how its value is read.
t.yaml:4:1: error: <<: merge keys are not supported
  4 | <<: {}
    | ^
  hint: Write the options out; an alias for a whole value is allowed.
t.yaml:5:3: error: a key must be a word
  5 | ? [a]
    |   ^
)");
}

TEST(Document, AllowsAliasesForWholeValues) {
  const Compiled result = compiled(
      "kafka: {brokers: [a:1]}\nstreams:\n  - topics: &t [x]\n    entity: &e [$key]\n"
      "  - topics: [y]\n    entity: *e\n");

  ASSERT_TRUE(result.config) << render(result.diagnostics, Colour::never);
}

TEST(Document, RefusesAnAliasOfItself) {
  EXPECT_EQ(said("kafka: &k\n  brokers: [*k]\n"),
            R"(t.yaml:2:13: error: kafka.brokers[0]: this alias stands inside what it refers to
  2 |   brokers: [*k]
    |             ^
  hint: Write the value out.
)");
}

TEST(Document, StopsAliasesThatGrow) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 8; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last;
    for (int j = 1; j < 10; ++j) text += ", " + last;
    text += "]\n";
  }

  const std::string message = said(text);

  EXPECT_EQ(message.substr(0, message.find('\n')),
            "t.yaml:5:10: error: a4[0]: the file has more than 20000 values");
}

TEST(Document, RefusesWhatIsNestedTooDeeply) {
  for (const char* open : {"[", "{a: ", "- "}) {
    std::string text = open[0] == '-' ? "" : "a: ";
    for (int i = 0; i < 3000; ++i) text += open;

    const Compiled result = compiled(text);

    ASSERT_EQ(result.diagnostics.size(), 1U);
    EXPECT_EQ(result.diagnostics[0].message, "is nested deeper than 32 levels");
  }
}

TEST(Document, IsOneDocument) {
  EXPECT_EQ(said(valid() + "---\napp: x\n"),
            R"(t.yaml:3:1: error: a second document begins here, but a configuration is one document
  3 | ---
    | ^
  hint: Remove the line `---`, or keep the documents in two files.
)");
  EXPECT_EQ(
      said("# nothing\n"),
      "t.yaml: error: is empty, but must be a configuration\n"
      "  hint: The least is `kafka: {brokers: [HOST:9092]}` and `streams: [{topics: [TOPIC]}]`.\n");
  EXPECT_EQ(said("- app: x\n"), R"(t.yaml:1:1: error: is a list, but must be a section
  1 | - app: x
    | ^
  hint: It has `kafka:`, `streams:` and more; allowed: `app`, `kafka`, `streams`, `outputs`, `pipeline`, `state`, `memory`, `delivery`, `http` and `log`.
)");
}

TEST(Document, NamesATabInTheIndentation) {
  EXPECT_EQ(said("kafka:\n\tbrokers: [a:1]\n"),
            "t.yaml:2:1: error: is indented with a tab, but YAML indents with spaces\n"
            "  2 | \tbrokers: [a:1]\n"
            "    | ^\n");
}

TEST(Document, NamesBytesThatAreNotText) {
  EXPECT_EQ(said("app: caf\xE9\n"), R"(t.yaml:1:9: error: the byte 0xe9 is not UTF-8
  1 | app: caf·
    |         ^
  hint: Save the file as UTF-8.
)");
  EXPECT_EQ(said(std::string("app: a\x1B[2J\n")),
            R"(t.yaml:1:7: error: the control character 0x1b is not allowed
  1 | app: a·[2J
    |       ^
  hint: In double quotes it can be written as an escape.
)");
}

TEST(Document, SaysInOurWordsWhatIsNotYaml) {
  const auto message = [](const std::string& text) {
    const std::string all = said(text);
    return all.substr(0, all.find('\n'));
  };
  EXPECT_EQ(message("kafka: a: b\n"), "t.yaml:1:9: error: not YAML: a value is not possible here");
  EXPECT_EQ(message("app:x\nkafka: {}\n"),
            "t.yaml:1:1: error: not YAML: a blank is missing behind `:` or `-`");
  EXPECT_EQ(message("app: x\n  http: {}\n"),
            "t.yaml:2:7: error: not YAML: a value is not possible here");
  EXPECT_EQ(
      message("kafka: {}\n  http: {}\n"),
      "t.yaml:2:3: error: not YAML: this does not belong to the section before it, nor to one "
      "around it");
  EXPECT_EQ(message("kafka: {a: [1}\n"),
            "t.yaml:1:14: error: not YAML: this closes nothing that is open here");
  EXPECT_EQ(message("app: \"x\n"),
            "t.yaml:1:6: error: app: not YAML: a quoted text does not end before the file does");
  EXPECT_EQ(message("app: 'it''s\n"),
            "t.yaml:1:6: error: app: not YAML: a quoted text does not end before the file does");
  EXPECT_EQ(message("app: *x\n"), "t.yaml:1:6: error: not YAML: this alias refers to nothing");
  EXPECT_EQ(message("app: @x\n"),
            "t.yaml:1:6: error: not YAML: no value can begin with this character");
  EXPECT_EQ(message("app: \"\\q\"\n"),
            "t.yaml:1:9: error: not YAML: in double quotes, no `\\` with this letter is known");
}

TEST(Document, ReadsAByteOrderMarkAndCarriageReturns) {
  const Compiled result =
      compiled("\xEF\xBB\xBFkafka: {brokers: [a:1]}\r\nstreams:\r\n  - topics: [x]\r\n");

  EXPECT_TRUE(result.config) << render(result.diagnostics, Colour::never);
}

TEST(Document, SurvivesAnyDamage) {
  const std::string whole = source_file("deploy/tocsin.yaml");
  const std::string odd = "{}[]:,-&*!|>'\"%@`#?\t\n ~$\\\xC3\x01z9";
  std::mt19937_64 random(20261121);
  for (int round = 0; round < 300; ++round) {
    std::string text = whole;
    for (std::uint64_t edits = 1 + random() % 4; edits > 0; --edits) {
      const std::size_t at = random() % text.size();
      const std::uint64_t how = random() % 3;
      if (how == 0) text.erase(at, random() % 20);
      if (how == 1) text.insert(at, 1, odd[random() % odd.size()]);
      if (how == 2) text[at] = odd[random() % odd.size()];
    }

    const Compiled result = compiled(text);

    const bool has_error =
        std::any_of(result.diagnostics.begin(), result.diagnostics.end(),
                    [](const Diagnostic& one) { return one.kind == DiagnosticKind::error; });
    ASSERT_NE(result.config.has_value(), has_error) << "round " << round;
  }
}

}  // namespace
}  // namespace tocsin
