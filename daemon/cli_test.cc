#include "daemon/cli.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "daemon/exit_code.h"

namespace tocsin {
namespace {

std::variant<Command, CommandLineAnswer> parse(std::vector<const char*> words) {
  return parse_command_line(words);
}

template <class Options>
Options command(std::vector<const char*> words) {
  const auto parsed = parse(std::move(words));
  if (const auto* answer = std::get_if<CommandLineAnswer>(&parsed)) {
    ADD_FAILURE() << answer->err;
    return {};
  }
  return std::get<Options>(std::get<Command>(parsed));
}

CommandLineAnswer answer(std::vector<const char*> words) {
  const auto parsed = parse(std::move(words));
  const auto* found = std::get_if<CommandLineAnswer>(&parsed);
  return found != nullptr ? *found : CommandLineAnswer{.exit_code = -1, .out = {}, .err = {}};
}

TEST(CommandLine, UnderstandsRun) {
  EXPECT_EQ(command<RunOptions>({"run", "--config", "a.yaml"}).config, "a.yaml");
}

TEST(CommandLine, UnderstandsWhereToBegin) {
  EXPECT_FALSE(command<RunOptions>({"run", "-c", "a.yaml"}).from);
  EXPECT_EQ(command<RunOptions>({"run", "-c", "a.yaml", "--from", "latest"}).from,
            StartPoint{.kind = StartPoint::Kind::latest});

  const CommandLineAnswer wrong = answer({"run", "-c", "a.yaml", "--from", "yesterday"});
  EXPECT_EQ(wrong.exit_code, kExitUsage);
  EXPECT_NE(wrong.err.find("`yesterday` is neither earliest nor latest"), std::string::npos)
      << wrong.err;
}

TEST(CommandLine, UnderstandsReplay) {
  const auto replay = command<ReplayOptions>({"replay", "--config", "a.yaml", "--stream", "api",
                                              "--alerts", "a.jsonl", "--dead-letters", "d.jsonl",
                                              "--workers", "2", "one.csv", "two.csv"});
  EXPECT_EQ(replay.stream, "api");
  EXPECT_EQ(replay.alerts, "a.jsonl");
  EXPECT_EQ(replay.dead_letters, "d.jsonl");
  EXPECT_EQ(replay.workers, 2);
  EXPECT_EQ(replay.inputs, (std::vector<std::string>{"one.csv", "two.csv"}));

  EXPECT_EQ(command<ReplayOptions>({"replay", "-c", "a.yaml", "-"}).inputs,
            std::vector<std::string>{"-"});
}

TEST(CommandLine, ReplaysWhatKafkaHolds) {
  EXPECT_TRUE(command<ReplayOptions>({"replay", "-c", "a.yaml", "--from-kafka"}).from_kafka);
  EXPECT_FALSE(command<ReplayOptions>({"replay", "-c", "a.yaml"}).from_kafka);
}

TEST(CommandLine, UnderstandsState) {
  const auto list = command<StateListOptions>({"state", "list", "-c", "a", "--stream", "s"});
  EXPECT_EQ(list.selection.stream, "s");
  EXPECT_FALSE(list.json);
  EXPECT_EQ(command<StateVerifyOptions>({"state", "verify", "-c", "a", "--partition", "3"})
                .selection.partition,
            3);
  const auto exported =
      command<StateExportOptions>({"state", "export", "-c", "a", "--entities", "-o", "f"});
  EXPECT_TRUE(exported.entities);
  EXPECT_EQ(exported.output, "f");
  const auto reset = command<StateResetOptions>({"state", "reset", "-c", "a", "--from", "latest"});
  EXPECT_EQ(reset.from, StartPoint{.kind = StartPoint::Kind::latest});
  EXPECT_FALSE(reset.is_confirmed) << "only with --yes";
  EXPECT_FALSE(reset.keeps_snapshot);
  EXPECT_TRUE(command<StateResetOptions>({"state", "reset", "-c", "a", "--yes"}).is_confirmed);
  EXPECT_TRUE(
      command<StateResetOptions>({"state", "reset", "-c", "a", "--to-snapshot"}).keeps_snapshot);
}

TEST(CommandLine, UnderstandsDeadLetters) {
  const auto list = command<DeadLettersListOptions>(
      {"dead-letters", "list", "-c", "a", "--reason", "too_large,bad_time", "--reason",
       "undecodable", "--place", "0/7", "--since", "2026-11-21", "--waiting"});
  EXPECT_EQ(list.filter.reasons, (std::set<std::string>{"bad_time", "too_large", "undecodable"}));
  EXPECT_EQ(list.filter.places, std::set<DeadLetterPlace>({{0, 7}}));
  EXPECT_TRUE(list.filter.since);
  EXPECT_TRUE(list.is_waiting_only);
  EXPECT_EQ(list.limit, 1'000U);

  const auto resend = command<DeadLettersResendOptions>(
      {"dead-letters", "resend", "-c", "a", "--repaired", "f", "--limit", "5", "--dry-run"});
  EXPECT_EQ(resend.repaired, "f");
  EXPECT_EQ(resend.limit, 5U);
  EXPECT_TRUE(resend.is_dry);
  EXPECT_FALSE(resend.again);

  for (const char* place : {"", "7", "/", "0/", "/7", "-1/7", "0/x", "0/1/2"})
    EXPECT_EQ(answer({"dead-letters", "list", "-c", "a", "--place", place}).exit_code, kExitUsage)
        << place;
  EXPECT_EQ(answer({"dead-letters", "list", "-c", "a", "--reason", "none"}).exit_code, kExitUsage);
}

TEST(CommandLine, UnderstandsTheRest) {
  EXPECT_TRUE(command<CheckOptions>({"check", "--config", "a", "--effective"}).effective);
  EXPECT_TRUE(command<CheckOptions>({"check", "-c", "a", "--against-running"}).against_running);
  EXPECT_EQ(command<DemoOptions>({"demo", "--seconds", "5"}).seconds, 5);
  EXPECT_TRUE(command<DemoOptions>({"demo", "--once"}).once);
  EXPECT_TRUE(command<VersionOptions>({"version", "--json"}).json);
  command<DetectorsOptions>({"detectors"});
  command<SchemaOptions>({"schema"});
  command<ReferenceOptions>({"reference"});
}

TEST(CommandLine, HelpShowsExamplesAndIsNoFailure) {
  const CommandLineAnswer help = answer({"--help"});
  EXPECT_EQ(help.exit_code, kExitOk);
  EXPECT_NE(help.out.find("tocsin check --config tocsin.yaml"), std::string::npos);
  EXPECT_EQ(help.err, "");

  for (const char* name : {"run", "check", "replay", "state", "dead-letters", "demo", "health",
                           "detectors", "schema", "reference", "version"}) {
    EXPECT_NE(help.out.find(name), std::string::npos) << name;
    EXPECT_EQ(answer({name, "--help"}).exit_code, kExitOk) << name;
  }
}

TEST(CommandLine, HelpOfACommandIsAboutThatCommand) {
  for (const char* name : {"detectors", "schema", "reference", "version"}) {
    const std::string help = answer({name, "--help"}).out;
    EXPECT_EQ(help.find("tocsin demo"), std::string::npos) << help;
  }
  EXPECT_NE(answer({"replay", "--help"}).out.find("nor are `emit`"), std::string::npos);
}

TEST(CommandLine, AWrongLineIsAUsageErrorOnStandardError) {
  const std::vector<std::vector<const char*>> wrong{
      {},
      {"runn"},
      {"run"},
      {"run", "--config"},
      {"check", "--config", "a", "--efective"},
      {"replay", "--config", "a", "--workers", "0"},
      {"replay", "-c", "a", "--from-kafka", "b.csv"},
      {"replay", "-c", "a", "--from-kafka", "--stream", "s"},
      {"demo", "extra"},
      {"state"},
      {"dead-letters"},
      {"state", "list"},
      {"state", "reset", "-c", "a", "--from", "nowhere"},
      {"state", "list", "-c", "a", "--partition", "-1"}};
  for (const auto& words : wrong) {
    const CommandLineAnswer refused = answer(words);
    EXPECT_EQ(refused.exit_code, kExitUsage);
    EXPECT_EQ(refused.out, "");
    EXPECT_NE(refused.err, "");
  }
}

TEST(CommandLine, SuggestsTheCommandThatWasMeant) {
  EXPECT_EQ(answer({"chekc", "--config", "a"}).err,
            "tocsin: no command is called `chekc`; did you mean `check`?\n"
            "`tocsin --help` says more.\n");
  EXPECT_EQ(answer({"state", "verfiy", "-c", "a"}).err,
            "tocsin state: no command is called `verfiy`; did you mean `verify`?\n"
            "`tocsin state --help` says more.\n");
  const CommandLineAnswer foo = answer({"foo"});
  EXPECT_EQ(foo.exit_code, kExitUsage);
  EXPECT_EQ(foo.err.find("tocsin: no command is called `foo`; allowed: `run`, `check`, "), 0U)
      << foo.err;
}

TEST(CommandLine, NamesTheOptionThatIsMissing) {
  EXPECT_EQ(answer({"run"}).err,
            "tocsin run: --config is required\n`tocsin run --help` says more.\n");
  EXPECT_EQ(answer({"check", "tocsin.yaml"}).err,
            "tocsin check: --config is required; did you mean `--config tocsin.yaml`?\n"
            "`tocsin check --help` says more.\n");
}

TEST(CommandLine, NamesTheOptionThatThereIsNot) {
  EXPECT_EQ(answer({"check", "--confg", "a.yaml"}).err,
            "tocsin check: no option is called `--confg`; did you mean `--config`?\n"
            "`tocsin check --help` says more.\n");
  EXPECT_EQ(answer({"state", "list", "-c", "a", "--jsn=1"}).err,
            "tocsin state list: no option is called `--jsn`; did you mean `--json`?\n"
            "`tocsin state list --help` says more.\n");
  EXPECT_EQ(answer({"--halp"}).err,
            "tocsin: no option is called `--halp`; did you mean `--help`?\n"
            "`tocsin --help` says more.\n");
  EXPECT_EQ(command<ReplayOptions>({"replay", "-c", "a", "--", "--odd.csv"}).inputs,
            std::vector<std::string>{"--odd.csv"});
}

TEST(CommandLine, HelpIsACommandToo) {
  EXPECT_EQ(answer({"help"}).out, answer({"--help"}).out);
  EXPECT_EQ(answer({"help", "state", "list"}).out, answer({"state", "list", "--help"}).out);
  EXPECT_EQ(answer({"help", "check"}).exit_code, kExitOk);
  EXPECT_EQ(answer({"help", "chekc"}).exit_code, kExitUsage);
}

}  // namespace
}  // namespace tocsin
