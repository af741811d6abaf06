#include "daemon/cli.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <optional>
#include <sstream>
#include <vector>

#include "daemon/exit_code.h"
#include "daemon/start_point.h"
#include "daemon/version.h"

namespace tocsin {
namespace {

constexpr const char* kExamples = R"(Examples:
  tocsin demo                                     see it at work, without Kafka
  tocsin check --config tocsin.yaml               is the configuration right, what does it need
  tocsin replay --config tocsin.yaml events.csv   score a file, without Kafka
  tocsin run --config tocsin.yaml                 the daemon

A first configuration:
  kafka: {brokers: [localhost:9092]}
  streams:
    - topics: [metrics]

`tocsin COMMAND --help` says more about a command, `tocsin reference` everything about the
configuration. Exit codes: 0 ok, 1 something failed, 64 wrong usage, 78 wrong configuration.)";

constexpr const char* kRunNotes =
    R"(SIGTERM and SIGINT drain what has been read, commit it and end; a second one ends at once.
SIGHUP is not supported yet: restart to change the configuration.

--from is for a group that has committed nothing, a new one or one whose offsets expired: it begins
there, and leaves state that exists alone. TIME is of the records' own timestamps, as 2026-11-21,
2026-11-21T08:30:00Z or in milliseconds since 1970. Of several processes start one with it, and
the others, without it, once that one is ready. A group that has committed something is set
elsewhere by `tocsin state reset --from`.

While it runs, http://127.0.0.1:8001 (`http.listen`) answers /metrics, /livez, /readyz,
/startupz and /version.

Examples:
  tocsin run --config tocsin.yaml
  tocsin run --config tocsin.yaml --from 2026-11-21T00:00:00Z)";

constexpr const char* kCheckNotes = R"(Examples:
  tocsin check --config tocsin.yaml
  tocsin check --config tocsin.yaml --effective   with every default written out
  tocsin check --config tocsin.yaml --connect     are the topics right, which would be made)";

constexpr const char* kReplayNotes =
    R"(Inputs are JSON lines, or CSV with a header (.csv), each also compressed (.gz). Row n is offset n
of partition 0. Brokers and topics of the configuration are not used.

With --from-kafka the input is what the configuration's topics hold now, from the earliest record
on, at its true offsets and in no group. Results are what `tocsin run` writes without any
interruption, byte for byte; a line is a whole record, with its topic, source, key, value and headers.

Examples:
  tocsin replay --config tocsin.yaml events.jsonl > scores.jsonl
  zcat old.jsonl.gz | tocsin replay --config tocsin.yaml --alerts alerts.jsonl - > scores.jsonl
  tocsin replay --config tocsin.yaml --stream api --dead-letters rejected.jsonl a.csv b.csv.gz
  tocsin replay --config tocsin.yaml --from-kafka --alerts alerts.jsonl > scores.jsonl)";

constexpr const char* kStateNotes =
    R"(What was learned lies in the topics APP-state-INPUT, beside the group's offsets. `list`, `verify`
and `export` change nothing and may be used while tocsin runs.

Examples:
  tocsin state list --config tocsin.yaml                     what there is, partition by partition
  tocsin state verify --config tocsin.yaml                   would a start take it
  tocsin state export --config tocsin.yaml --entities        the entities that are known
  tocsin state reset --config tocsin.yaml --stream api       what a reset would do
  tocsin state reset --config tocsin.yaml --stream api --from earliest --yes)";

constexpr const char* kStateVerifyNotes =
    R"(Restores every partition in memory and checks all that a start checks: that the words beside the
committed offset, the chain of state records, the pieces of the snapshot with their checksums, and
the input since it belong together. Exit code 1 where a start would refuse any partition.)";

constexpr const char* kStateExportNotes =
    R"(Lines of JSON: of each partition one with its committed words, then one for each state record, its
own bytes in base64. With --entities instead a line for each entity as of the last snapshot.)";

constexpr const char* kStateResetNotes =
    R"(Forgets what was learned, so that the next start begins anew: where each partition has come to, or
with --from somewhere else, and then records are scored again under the same ids. The group must be
empty: stop every process, and wait until its session has ended. Without --yes it only says what it
would do.)";

constexpr const char* kHealthNotes =
    R"(For whoever has no curl: the health check of a container, a script that waits.

Examples:
  tocsin health --config tocsin.yaml
  until tocsin health --config tocsin.yaml --probe readyz; do sleep 1; done)";

constexpr const char* kDemoNotes =
    R"(Needs no Kafka: the broker is inside the program. After a minute of learning what is normal here,
the demo burns CPU for a moment and shows the alert that follows. Ctrl-C ends it.)";

/// Everything a parse can fill.
struct Parsed {
  RunOptions run;
  CheckOptions check;
  ReplayOptions replay;
  StateListOptions state_list;
  StateVerifyOptions state_verify;
  StateExportOptions state_export;
  StateResetOptions state_reset;
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
CLI::Option* add_start_point(CLI::App& command, std::optional<StartPoint>& from,
                             const std::string& help) {
  const auto read = [&from](const std::string& text) {
    const Result<StartPoint> point = parse_start_point(text);
    if (!point) throw CLI::ValidationError("--from", point.error().message);
    from = *point;
  };
  return command.add_option_function<std::string>("--from", read, help)
      ->type_name("earliest|latest|TIME");
}

void add_run(CLI::App& app, RunOptions& run) {
  CLI::App& command = *app.add_subcommand("run", "Watch Kafka topics until told to stop");
  command.footer(kRunNotes);
  add_config(command, run.config);
  add_start_point(command, run.from, "Where a group that has committed nothing begins");
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
  add_start_point(reset, parsed.state_reset.from, "Where it begins anew");
  reset.add_flag("--yes", parsed.state_reset.is_confirmed, "Do it");
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

  add_replay(app, parsed.replay);
  add_state(app, parsed);
  add_health(app, parsed.health);

  CLI::App& demo = *app.add_subcommand("demo", "Watch this machine's own vital signs");
  demo.footer(kDemoNotes);
  demo.add_option("--seconds", parsed.demo.seconds, "End after so many seconds")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000));
  demo.add_flag("--once", parsed.demo.once,
                "End with the first alert after the disturbance; fail if there is none");

  app.add_subcommand("detectors", "List the detectors and their parameters");
  app.add_subcommand("schema", "Print the JSON Schema of the configuration, for editors");
  app.add_subcommand("reference", "Print the reference of the configuration, in Markdown");
  app.add_subcommand("version", "Print the version and those of the libraries")
      ->add_flag("--json", parsed.version.json, "As JSON");
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
  if (name == "state") return state_command_of(*app.get_subcommands().front(), parsed);
  if (name == "demo") return parsed.demo;
  if (name == "health") return parsed.health;
  if (name == "detectors") return DetectorsOptions{};
  if (name == "schema") return SchemaOptions{};
  if (name == "reference") return ReferenceOptions{};
  return parsed.version;
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

  // CLI11 takes them last first.
  std::vector<std::string> words(arguments.begin(), arguments.end());
  std::reverse(words.begin(), words.end());
  try {
    app.parse(words);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out;
    std::ostringstream err;
    const bool asked_for = app.exit(error, out, err) == 0;
    return CommandLineAnswer{
        .exit_code = asked_for ? kExitOk : kExitUsage, .out = out.str(), .err = err.str()};
  }
  return command_of(app, parsed);
}

}  // namespace tocsin
