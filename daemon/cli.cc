#include "daemon/cli.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <charconv>
#include <optional>
#include <sstream>
#include <system_error>
#include <vector>

#include "daemon/cli_notes.h"
#include "daemon/config/suggestion.h"
#include "daemon/exit_code.h"
#include "daemon/start_point.h"
#include "daemon/version.h"
#include "pipeline/input/reject_reason.h"

namespace tocsin {
namespace {

/// Everything a parse can fill.
struct Parsed {
  RunOptions run;
  CheckOptions check;
  ReplayOptions replay;
  StateListOptions state_list;
  StateVerifyOptions state_verify;
  StateExportOptions state_export;
  StateResetOptions state_reset;
  DeadLettersListOptions dead_letters_list;
  DeadLettersResendOptions dead_letters_resend;
  DemoOptions demo;
  HealthOptions health;
  VersionOptions version;
};

void add_config(CLI::App& command, std::string& config) {
  command.add_option("-c,--config", config, "The configuration, a YAML file")
      ->required()
      ->type_name("FILE");
}

/// An option that is read by `parse_start_point`.
void add_start_point(CLI::App& command, const std::string& name, std::optional<StartPoint>& point,
                     const std::string& help) {
  const auto read = [&point, name](const std::string& text) {
    const Result<StartPoint> parsed = parse_start_point(text);
    if (!parsed) throw CLI::ValidationError(name, parsed.error().message);
    point = *parsed;
  };
  command.add_option_function<std::string>(name, read, help)->type_name("earliest|latest|TIME");
}

void add_run(CLI::App& app, RunOptions& run) {
  CLI::App& command = *app.add_subcommand("run", "Watch Kafka topics until told to stop");
  command.footer(kRunNotes);
  add_config(command, run.config);
  add_start_point(command, "--from", run.from, "Where a group that has committed nothing begins");
}

void add_replay(CLI::App& app, ReplayOptions& replay) {
  CLI::App& command = *app.add_subcommand("replay", "Score files, or topics once more");
  command.footer(kReplayNotes);
  add_config(command, replay.config);
  CLI::Option* stream =
      command.add_option("--stream", replay.stream, "Which stream of the configuration to use")
          ->type_name("NAME");
  command.add_option("--alerts", replay.alerts, "Write alerts here")->type_name("FILE");
  command.add_option("--dead-letters", replay.dead_letters, "Write rejected rows here")
      ->type_name("FILE");
  command
      .add_option("--workers", replay.workers,
                  "Worker threads; the result is the same with any number")
      ->type_name("N")
      ->check(CLI::Range(1, 256));
  CLI::Option* inputs =
      command.add_option("INPUT", replay.inputs, "Files, or - for standard input (the default)");
  command.add_flag("--from-kafka", replay.from_kafka, "All input topics instead of files")
      ->excludes(stream)
      ->excludes(inputs);
}

void add_selection(CLI::App& command, SurveySelection& selection) {
  command.add_option("--stream", selection.stream, "Only this stream of the configuration")
      ->type_name("NAME");
  command.add_option("--partition", selection.partition, "Only the partitions with this number")
      ->type_name("N")
      ->check(CLI::Range(0, 1'000'000));
}

void add_state(CLI::App& app, Parsed& parsed) {
  CLI::App& state = *app.add_subcommand("state", "See, check, export or reset what was learned");
  state.footer(kStateNotes);
  state.require_subcommand(1);

  CLI::App& list = *state.add_subcommand("list", "What the state topics hold");
  add_config(list, parsed.state_list.config);
  add_selection(list, parsed.state_list.selection);
  list.add_flag("--json", parsed.state_list.json, "As JSON");

  CLI::App& verify = *state.add_subcommand("verify", "Whether a start would take it");
  verify.footer(kStateVerifyNotes);
  add_config(verify, parsed.state_verify.config);
  add_selection(verify, parsed.state_verify.selection);
  verify.add_flag("--json", parsed.state_verify.json, "As JSON");

  CLI::App& exporting = *state.add_subcommand("export", "All of it, as lines of JSON");
  exporting.footer(kStateExportNotes);
  add_config(exporting, parsed.state_export.config);
  add_selection(exporting, parsed.state_export.selection);
  exporting.add_flag("--entities", parsed.state_export.entities, "The entities that are known");
  exporting.add_option("-o,--output", parsed.state_export.output, "Write here")->type_name("FILE");

  CLI::App& reset = *state.add_subcommand("reset", "Forget what was learned of a stream");
  reset.footer(kStateResetNotes);
  add_config(reset, parsed.state_reset.config);
  add_selection(reset, parsed.state_reset.selection);
  add_start_point(reset, "--from", parsed.state_reset.from, "Where it begins anew");
  reset
      .add_flag("--to-snapshot", parsed.state_reset.keeps_snapshot,
                "Keep the last whole snapshot, and go on at its offset")
      ->excludes("--from");
  reset.add_flag("--yes", parsed.state_reset.is_confirmed, "Do it");
}

/// Reads `PARTITION/OFFSET`.
DeadLetterPlace dead_letter_place(const std::string& text) {
  const auto number = [&text](std::size_t from, std::size_t to, auto& value) {
    const char* end = text.data() + to;
    const auto read = std::from_chars(text.data() + from, end, value);
    return read.ec == std::errc() && read.ptr == end && value >= 0;
  };
  const std::size_t slash = std::min(text.find('/'), text.size() - 1);
  DeadLetterPlace place;
  if (text.empty() || !number(0, slash, place.partition) ||
      !number(slash + 1, text.size(), place.offset))
    throw CLI::ValidationError("--place", "`" + text + "` is no PARTITION/OFFSET such as 0/1234");
  return place;
}

void add_filter(CLI::App& command, DeadLetterFilter& filter) {
  const auto reason = [&filter](const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      if (std::ranges::find(kRejectReasonNames, name) == kRejectReasonNames.end() || name == "none")
        throw CLI::ValidationError(
            "--reason", "no reason is called `" + name + "`; there are: " +
                            CLI::detail::join(std::vector<std::string>(
                                kRejectReasonNames.begin() + 1, kRejectReasonNames.end())));
      filter.reasons.insert(name);
    }
  };
  command
      .add_option_function<std::vector<std::string>>("--reason", reason, "Only with this reason")
      ->type_name("REASON")
      ->delimiter(',');
  command.add_option("--stream", filter.stream, "Only of this stream")->type_name("NAME");
  command.add_option("--partition", filter.partition, "Only in this dead-letter partition")
      ->type_name("N")
      ->check(CLI::Range(0, 1'000'000));
  add_start_point(command, "--since", filter.since, "Only written then or later");
  const auto place = [&filter](const std::vector<std::string>& places) {
    for (const std::string& one : places) filter.places.insert(dead_letter_place(one));
  };
  command
      .add_option_function<std::vector<std::string>>(
          "--place", place, "Only these, by their place in the dead-letter topic")
      ->type_name("PARTITION/OFFSET")
      ->delimiter(',');
}

void add_dead_letters(CLI::App& app, Parsed& parsed) {
  CLI::App& letters = *app.add_subcommand("dead-letters", "See what was rejected, or put it back");
  letters.footer(kDeadLettersNotes);
  letters.require_subcommand(1);

  DeadLettersListOptions& listing = parsed.dead_letters_list;
  CLI::App& list = *letters.add_subcommand("list", "What was rejected, where and why");
  add_config(list, listing.config);
  add_filter(list, listing.filter);
  list.add_flag("--waiting", listing.is_waiting_only, "Only what has not been put back");
  list.add_option("--limit", listing.limit, "Show at most so many")
      ->type_name("N")
      ->capture_default_str();
  list.add_flag("--json", listing.json, "A line of JSON each, with key, value and headers");

  DeadLettersResendOptions& sending = parsed.dead_letters_resend;
  CLI::App& resend = *letters.add_subcommand("resend", "Put them back into the pipeline");
  resend.footer(kResendNotes);
  add_config(resend, sending.config);
  add_filter(resend, sending.filter);
  resend.add_option("--repaired", sending.repaired, "Put back these, with these values")
      ->type_name("FILE");
  resend.add_option("--limit", sending.limit, "Put back at most so many")
      ->type_name("N")
      ->capture_default_str();
  resend.add_flag("--again", sending.again, "Also what was put back before");
  resend.add_flag("--dry-run", sending.is_dry, "Only say how many");
}

void add_health(CLI::App& app, HealthOptions& health) {
  CLI::App& command = *app.add_subcommand("health", "Ask the daemon of this machine how it is");
  command.footer(kHealthNotes);
  add_config(command, health.config);
  command
      .add_option("--probe", health.probe,
                  "livez (the default): it makes progress; readyz: it is at work; startupz")
      ->type_name("NAME")
      ->check(CLI::IsMember({"livez", "readyz", "startupz"}));
}

void add_commands(CLI::App& app, Parsed& parsed) {
  add_run(app, parsed.run);

  CLI::App& check = *app.add_subcommand("check", "Find every mistake in a configuration");
  check.footer(kCheckNotes);
  add_config(check, parsed.check.config);
  check.add_flag("--effective", parsed.check.effective,
                 "Print the configuration with every default written out");
  check.add_flag("--connect", parsed.check.connect,
                 "Ask the brokers, too: what a start would make, change or refuse");
  check.add_flag("--against-running", parsed.check.against_running,
                 "And what it would keep of what was learned, detector by detector");

  add_replay(app, parsed.replay);
  add_state(app, parsed);
  add_health(app, parsed.health);
  add_dead_letters(app, parsed);

  CLI::App& demo = *app.add_subcommand("demo", "Watch this machine's own vital signs");
  demo.footer(kDemoNotes);
  demo.add_option("--seconds", parsed.demo.seconds, "End after so many seconds")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000));
  demo.add_flag("--once", parsed.demo.once,
                "End with the first alert after the disturbance; fail if there is none");

  app.add_subcommand("detectors", "List the detectors and their parameters")
      ->footer(kDetectorsNotes);
  app.add_subcommand("schema", "Print the JSON Schema of the configuration, for editors")
      ->footer(kSchemaNotes);
  app.add_subcommand("reference", "Print the reference of the configuration, in Markdown")
      ->footer(kReferenceNotes);
  CLI::App& version =
      *app.add_subcommand("version", "Print the version and those of the libraries");
  version.footer("");
  version.add_flag("--json", parsed.version.json, "As JSON");
}

Command state_command_of(const CLI::App& state, Parsed& parsed) {
  const std::string name = state.get_subcommands().front()->get_name();
  if (name == "list") return parsed.state_list;
  if (name == "verify") return parsed.state_verify;
  if (name == "export") return parsed.state_export;
  return parsed.state_reset;
}

Command command_of(const CLI::App& app, Parsed& parsed) {
  const std::string name = app.get_subcommands().front()->get_name();
  if (name == "run") return parsed.run;
  if (name == "check") return parsed.check;
  if (name == "replay") return parsed.replay;
  const CLI::App& command = *app.get_subcommands().front();
  if (name == "state") return state_command_of(command, parsed);
  if (name == "dead-letters") {
    if (command.got_subcommand("list")) return parsed.dead_letters_list;
    return parsed.dead_letters_resend;
  }
  if (name == "demo") return parsed.demo;
  if (name == "health") return parsed.health;
  if (name == "detectors") return DetectorsOptions{};
  if (name == "schema") return SchemaOptions{};
  if (name == "reference") return ReferenceOptions{};
  return parsed.version;
}

using Words = std::span<const char* const>;

/// The command that words name, how far that goes, and what is said of it.
struct Named {
  const CLI::App* command = nullptr;
  std::string path;  ///< `tocsin state list`.
  Words rest;
};

Named named_command(const CLI::App& app, Words words) {
  Named named{.command = &app, .path = app.get_name(), .rest = words};
  while (!named.rest.empty()) {
    const auto next = named.command->get_subcommands(
        [&](const CLI::App* command) { return command->get_name() == named.rest[0]; });
    if (next.empty()) break;
    named.command = next.front();
    named.path += " " + named.command->get_name();
    named.rest = named.rest.subspan(1);
  }
  return named;
}

std::string suggested(std::string_view word, const std::vector<std::string>& names) {
  return suggest(word, std::vector<std::string_view>(names.begin(), names.end()));
}

/// Why the words do not begin with a command; empty where they do, or with an option.
std::string no_such_command(const Named& named) {
  const auto commands = named.command->get_subcommands([](const CLI::App*) { return true; });
  const std::string_view word = named.rest.empty() ? "" : named.rest[0];
  if (commands.empty() || word.empty() || word[0] == '-') return {};
  std::vector<std::string> names;
  for (const CLI::App* command : commands) names.push_back(command->get_name());
  return "no command is called `" + std::string(word) + "`; " + suggested(word, names);
}

/// Which option there is not; CLI11 would first say which other one is missing.
std::string no_such_option(const Named& named) {
  std::vector<std::string> names;
  for (const CLI::Option* option : named.command->get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  for (const std::string_view word : named.rest) {
    if (word == "--") break;
    const std::string name(word.substr(0, word.find('=')));
    if (!name.starts_with("--") || std::ranges::find(names, name) != names.end()) continue;
    return "no option is called `" + name + "`; " + suggested(name, names);
  }
  return {};
}

/// What CLI11 has to say, and what it does not know: that a file was meant for the configuration.
std::string trouble(const CLI::ParseError& error, const Named& named) {
  std::string text = error.what();
  if (error.get_name() != "RequiredError" || text.find("--config") == std::string::npos)
    return text;
  for (const std::string_view word : named.rest)
    if (word.ends_with(".yaml") || word.ends_with(".yml"))
      return text + "; did you mean `--config " + std::string(word) + "`?";
  return text;
}

CommandLineAnswer refused(const Named& named, const std::string& why) {
  return {.exit_code = kExitUsage,
          .out = {},
          .err = named.path + ": " + why + "\n`" + named.path + " --help` says more.\n"};
}

/// `help` asks as `--help` does, for a command or for all of them.
std::vector<const char*> with_help_as_an_option(Words words) {
  std::vector<const char*> result(words.begin(), words.end());
  if (result.empty() || std::string_view(result[0]) != "help") return result;
  result.erase(result.begin());
  result.push_back("--help");
  return result;
}

}  // namespace

std::variant<Command, CommandLineAnswer> parse_command_line(
    std::span<const char* const> arguments) {
  CLI::App app{
      "Finds anomalies in Kafka streams: learns what is normal for every entity, scores\n"
      "each event as it arrives, and says why.",
      "tocsin"};
  app.footer(kExamples);
  app.set_version_flag("--version", [] { return version_text(); });
  app.require_subcommand(1);
  Parsed parsed;
  add_commands(app, parsed);
  if (arguments.empty())
    return CommandLineAnswer{.exit_code = kExitUsage, .out = {}, .err = app.help()};

  const std::vector<const char*> asked = with_help_as_an_option(arguments);
  const Named named = named_command(app, asked);
  if (const std::string wrong = no_such_command(named); !wrong.empty())
    return refused(named, wrong);
  if (const std::string wrong = no_such_option(named); !wrong.empty()) return refused(named, wrong);

  // CLI11 takes them last first.
  std::vector<std::string> words(asked.begin(), asked.end());
  std::reverse(words.begin(), words.end());
  try {
    app.parse(words);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out;
    std::ostringstream err;
    if (app.exit(error, out, err) == 0)
      return CommandLineAnswer{.exit_code = kExitOk, .out = out.str(), .err = err.str()};
    return refused(named, trouble(error, named));
  }
  return command_of(app, parsed);
}

}  // namespace tocsin
