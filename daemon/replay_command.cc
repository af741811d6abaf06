#include "daemon/replay_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>

#include "daemon/config/config.h"
#include "daemon/exit_code.h"
#include "daemon/kafka_replay.h"
#include "daemon/line_file.h"
#include "daemon/load_config.h"
#include "daemon/log.h"
#include "daemon/memory_plan.h"
#include "daemon/progress.h"
#include "daemon/record_lines.h"
#include "daemon/rejections.h"
#include "daemon/replay.h"
#include "daemon/steady_clock.h"
#include "pipeline/input/row_file.h"

namespace tocsin {
namespace {

int fail(const std::string& message, int exit_code) {
  std::fprintf(stderr, "tocsin replay: %s\n", message.c_str());
  return exit_code;
}

/// The stream called `name`, or the only one.
Result<const StreamSettings*> choose_stream(const Config& config, const std::string& name) {
  if (name.empty() && config.streams.size() == 1) return &config.streams.front();
  std::string names;
  for (const StreamSettings& stream : config.streams) {
    if (stream.name == name) return &stream;
    names += (names.empty() ? "" : ", ") + stream.name;
  }
  if (name.empty())
    return Error{"the configuration has several streams; name one by --stream: " + names};
  return Error{"no stream is called `" + name + "`; there are: " + names};
}

/// A line for each reason; what the first row was like, where that is known.
std::string rejected_lines(std::span<const std::uint64_t> rejected, const Rejections& rejections) {
  std::string text;
  for (std::size_t r = 1; r < rejected.size(); ++r) {
    if (rejected[r] == 0) continue;
    const std::string_view reason = kRejectReasonNames[r];
    const std::string_view first = rejections.first(reason);
    text += fmt::format("rejected    {} {}{}{}\n", count_text(rejected[r]), reason,
                        first.empty() ? "" : ", first ", first);
  }
  return text;
}

/// What a replay of `rows` came to, for standard error.
std::string summary(const FlowCounters& counters, std::uint64_t rows, double seconds,
                    const Rejections& rejections) {
  std::uint64_t scored = 0;
  std::uint64_t warming_up = 0;
  std::uint64_t anomalies = 0;
  std::uint64_t alerts = 0;
  std::uint64_t entities = 0;
  std::uint64_t unwatched = 0;
  std::uint64_t evictions = 0;
  std::array<std::uint64_t, kRejectReasonNames.size()> rejected{};
  for (const auto& worker : counters.workers) {
    for (const auto& stream : worker->streams) {
      scored += stream->scored.value();
      warming_up += stream->warming_up.value();
      for (const Counter& count : stream->anomalies) anomalies += count.value();
      for (const Counter& count : stream->alerts[static_cast<std::size_t>(AlertState::open)])
        alerts += count.value();
      entities += stream->entities.value();
      unwatched += stream->unknown_fields.value();
      evictions += stream->evictions.value();
      for (std::size_t r = 0; r < rejected.size(); ++r) rejected[r] += stream->rejected[r].value();
    }
  }
  std::string text = fmt::format("rows        {}\nscored      {}\nwarming up  {}\n",
                                 count_text(rows), count_text(scored), count_text(warming_up));
  text += rejected_lines(rejected, rejections);
  if (unwatched > 0)
    text += fmt::format(
        "unwatched   {} numbers, in fields beyond `features_max` or new after 1,000 rows\n",
        count_text(unwatched));
  text += fmt::format("entities    {}\n", count_text(entities));
  if (evictions > 0)
    text += fmt::format("evicted     {} times: more entities than `memory.partition_bytes` holds\n",
                        count_text(evictions));
  text +=
      fmt::format("anomalies   {}\nalerts      {}\n", count_text(anomalies), count_text(alerts));
  text += fmt::format(
      "time        {:.1f} s, {} events a second\n", seconds,
      count_text(static_cast<std::uint64_t>(static_cast<double>(rows) / std::max(seconds, 1e-9))));
  return text;
}

void show(Progress& progress, const RowFile& rows, std::uint64_t count) {
  const auto total = rows.bytes_total();
  const double share = total && *total > 0
                           ? static_cast<double>(rows.bytes_read()) / static_cast<double>(*total)
                           : -1;
  progress.show(share, count_text(count) + " rows");
}

/// Whether both paths name one file that exists.
bool is_same_file(const std::string& left, const std::string& right) {
  std::error_code ignored;
  return std::filesystem::equivalent(left, right, ignored);
}

/// Results never go into a file that is read, nor two kinds into one.
Result<void> are_apart(const ReplayOptions& options) {
  std::vector<std::string> others = options.inputs;
  others.push_back(options.config);
  for (const std::string& path : {options.alerts, options.dead_letters}) {
    if (path.empty()) continue;
    for (const std::string& other : others)
      if (path == other || is_same_file(path, other))
        return Error{path + ": would be overwritten while it is also used for something else"};
    others.push_back(path);
  }
  return {};
}

/// The files that results go to.
struct Outputs {
  LineFile scores = LineFile::standard_output();
  std::optional<LineFile> alerts;
  std::optional<LineFile> dead_letters;
  Rejections rejections;

  Result<void> open(const ReplayOptions& options) {
    if (Result<void> apart = are_apart(options); !apart) return apart;
    for (const auto& [path, file] :
         {std::pair(&options.alerts, &alerts), std::pair(&options.dead_letters, &dead_letters)}) {
      if (path->empty()) continue;
      Result<LineFile> opened = LineFile::open(*path);
      if (!opened) return opened.error();
      *file = *std::move(opened);
    }
    return {};
  }

  Replay::Outputs takers() {
    Replay::Outputs take{.score = [this](const StoredRecord& r) { scores.write(*r.value); }};
    if (alerts) take.alert = [this](const StoredRecord& r) { alerts->write(*r.value); };
    take.dead_letter = [this](const StoredRecord& r) {
      const std::string detail = rejections.take(r);
      if (dead_letters) dead_letters->write(rejection_line(r, detail));
    };
    return take;
  }

  Result<void> check() {
    Result<void> result = scores.check();
    if (result && alerts) result = alerts->check();
    if (result && dead_letters) result = dead_letters->check();
    return result;
  }
};

/// A header without a comma is most likely one with another separator.
void say_what_is_odd(const RowFile& rows, const std::string& input) {
  if (rows.columns().size() != 1) return;
  const std::string& name = rows.columns().front();
  if (name.find(';') == std::string::npos && name.find("\\t") == std::string::npos) return;
  std::fprintf(stderr, "tocsin replay: %s has one column, %s; columns are separated by commas\n",
               input.c_str(), name.c_str());
}

Result<void> feed(Replay& replay, const std::string& input, Outputs& outputs) {
  Result<RowFile> opened = RowFile::open(input, RowFormat::automatic);
  if (!opened) return opened.error();
  say_what_is_odd(*opened, input);
  Progress progress("scoring " + (input == "-" ? "standard input" : input));
  for (std::uint64_t count = 0;; ++count) {
    const Result<std::optional<std::string_view>> row = opened->next();
    if (!row) return row.error();
    if (!*row) return {};
    if (!opened->row_trouble().empty())
      outputs.rejections.note(static_cast<std::int64_t>(replay.rows()), opened->row_trouble());
    Result<void> went_well = replay.add(**row);
    if (went_well && count % 4'096 == 0) {
      show(progress, *opened, count);
      went_well = outputs.scores.check();
    }
    if (!went_well) return went_well;
  }
}

/// Scores all inputs, one behind the other.
Result<void> score(Replay& replay, std::vector<std::string> inputs, Outputs& outputs) {
  if (inputs.empty()) inputs = {"-"};
  for (const std::string& input : inputs) {
    Result<void> fed = feed(replay, input, outputs);
    if (!fed) return fed;
  }
  Result<void> finished = replay.finish();
  return finished ? outputs.check() : finished;
}

double seconds_since(std::uint64_t begun_ns) {
  return static_cast<double>(steady_nanoseconds() - begun_ns) * 1e-9;
}

int replay_files(const Config& config, const ReplayOptions& options) {
  const Result<const StreamSettings*> stream = choose_stream(config, options.stream);
  if (!stream) return fail(stream.error().message, kExitUsage);
  Outputs outputs;
  if (const Result<void> opened = outputs.open(options); !opened)
    return fail(opened.error().message, kExitUsage);
  Result<std::unique_ptr<Replay>> replay = Replay::begin(config, **stream, outputs.takers());
  if (!replay) return fail(replay.error().message, kExitConfiguration);

  const std::uint64_t begun_ns = steady_nanoseconds();
  if (const Result<void> scored = score(**replay, options.inputs, outputs); !scored)
    return fail(scored.error().message, kExitRuntime);
  std::fputs(
      summary((*replay)->counters(), (*replay)->rows(), seconds_since(begun_ns), outputs.rejections)
          .c_str(),
      stderr);
  return kExitOk;
}

int replay_kafka(const Config& config, const ReplayOptions& options) {
  Outputs outputs;
  if (const Result<void> opened = outputs.open(options); !opened)
    return fail(opened.error().message, kExitUsage);
  const auto file = [](std::optional<LineFile>& kept) { return kept ? &*kept : nullptr; };
  RecordLines lines({RecordLines::Output{config.outputs.scores.topic, &outputs.scores},
                     RecordLines::Output{config.outputs.alerts.topic, file(outputs.alerts)},
                     RecordLines::Output{config.outputs.dead_letters, file(outputs.dead_letters)}});
  Log log(config.log);
  const auto begun = KafkaReplay::begin(
      config, lines, [&log](int level, std::string_view facility, std::string_view text) {
        log.kafka(level, facility, text);
      });
  if (!begun) return fail(begun.error().message, kExitRuntime);
  KafkaReplay& replay = **begun;

  const std::uint64_t begun_ns = steady_nanoseconds();
  Progress progress("scoring what Kafka holds");
  const Result<void> scored = replay.run([&progress](KafkaHistory::Progress at) {
    progress.show(
        static_cast<double>(at.done) / static_cast<double>(std::max<std::uint64_t>(at.total, 1)),
        count_text(at.done) + " of " + count_text(at.total) + " offsets");
  });
  if (!scored) return fail(scored.error().message, kExitRuntime);
  const std::uint64_t rows = replay.counters().records_read.value();
  std::fputs(summary(replay.counters(), rows, seconds_since(begun_ns), {}).c_str(), stderr);
  return kExitOk;
}

}  // namespace

int replay_command(const ReplayOptions& options) {
  // Warnings are about brokers and records' keys, which files have not.
  const TakeWarning silent = [](const Diagnostic&) {};
  std::optional<Config> config =
      load_config(options.config, options.from_kafka ? TakeWarning() : silent);
  if (!config) return kExitConfiguration;
  if (options.workers > 0) config->flow.workers = options.workers;
  return options.from_kafka ? replay_kafka(*config, options) : replay_files(*config, options);
}

}  // namespace tocsin
