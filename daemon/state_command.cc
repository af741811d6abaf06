#include "daemon/state_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>
#include <utility>
#include <vector>

#include "daemon/exit_code.h"
#include "daemon/json_text.h"
#include "daemon/line_file.h"
#include "daemon/load_config.h"
#include "daemon/memory_plan.h"
#include "daemon/plans.h"
#include "daemon/progress.h"
#include "daemon/state_digest.h"
#include "daemon/state_lines.h"
#include "daemon/state_verification.h"
#include "daemon/steady_clock.h"
#include "daemon/text_table.h"

namespace tocsin {
namespace {

int fail(const std::string& reason, int exit_code) {
  std::fprintf(stderr, "tocsin state: %s\n", reason.c_str());
  return exit_code;
}

/// What all of these commands begin with.
struct Begun {
  std::optional<Config> config;
  std::unique_ptr<StateSurvey> survey;
  std::vector<SurveyedPartition> partitions;
  std::vector<StreamPlanRef> plans;
  int exit_code = kExitOk;  ///< Anything else: it has been said why, and there is no more.
};

Begun begin(const std::string& file, const SurveySelection& selection) {
  Begun begun;
  begun.config = load_config(file);
  if (!begun.config) {
    begun.exit_code = kExitConfiguration;
    return begun;
  }
  auto plans = make_plans(*begun.config);
  if (!plans) {
    begun.exit_code = fail(plans.error().message, kExitConfiguration);
    return begun;
  }
  begun.plans = *std::move(plans);
  auto survey = StateSurvey::begin(*begun.config);
  if (!survey) {
    begun.exit_code = fail(survey.error().message, kExitRuntime);
    return begun;
  }
  begun.survey = *std::move(survey);
  auto partitions = begun.survey->look(selection);
  if (!partitions)
    begun.exit_code = fail(partitions.error().message, kExitRuntime);
  else
    begun.partitions = *std::move(partitions);
  return begun;
}

/// Reads what a partition's state topic holds as of now, without waiting for open transactions.
Result<StateDigest> digest(StateSurvey& survey, const SurveyedPartition& place,
                           const std::function<void(std::uint64_t)>& show) {
  const auto mark = place.committed ? PartitionMark::parse(place.committed->metadata)
                                    : std::optional<PartitionMark>();
  StateDigest digest(mark);
  if (!place.has_state) return digest;
  const std::vector<TopicPartition> state{place.state};
  const auto stable =
      survey.group().offsets_at(state, {.kind = StartPoint::Kind::latest}, StateSurvey::kPatience);
  if (!stable.answer) return Error{stable.reason};
  const auto take = [&](const ReadRecord& record) {
    digest.take(record.offset, record.value.value_or(""));
    show(digest.bytes());
    return KafkaScan::Wanted::more;
  };
  const Result<void> read = survey.scan().read(
      {.place = place.state, .from = place.state_marks.low, .to = stable.answer->front()}, take,
      StateSurvey::kPatience);
  if (!read) return read.error();
  return digest;
}

std::string plural(std::size_t count, std::string_view one) {
  return fmt::format("{} {}{}", count_text(count), one, count == 1 ? "" : "s");
}

}  // namespace

int state_list_command(const StateListOptions& options) {
  const Begun begun = begin(options.config, options.selection);
  if (begun.exit_code != kExitOk) return begun.exit_code;
  std::vector<StateLine> lines;
  {
    Progress progress("reading state");
    for (const SurveyedPartition& place : begun.partitions) {
      const double share =
          static_cast<double>(lines.size()) / static_cast<double>(begun.partitions.size());
      const auto digested = digest(*begun.survey, place, [&](std::uint64_t bytes) {
        progress.show(share, place.name() + ", " + bytes_text(bytes));
      });
      if (!digested) return fail(digested.error().message, kExitRuntime);
      lines.push_back(state_line(begun.plans[place.stream], place, *digested));
    }
  }
  const std::int64_t now_ms = wall_clock_milliseconds();
  const std::string text = options.json ? state_lines_json(begun.config->app, lines, now_ms)
                                        : state_lines_table(lines, now_ms);
  std::fputs(text.c_str(), stdout);
  return kExitOk;
}

namespace {

TextTable verdict_table() {
  return TextTable({{.name = "PARTITION"},
                    {.name = "OFFSET", .is_right = true},
                    {.name = "ENTITIES", .is_right = true},
                    {.name = "REPLAY", .is_right = true},
                    {.name = "BYTES", .is_right = true},
                    {.name = "VERDICT"}});
}

std::vector<std::string> verdict_row(const SurveyedPartition& place,
                                     const VerifiedState& verified) {
  const std::string offset =
      place.committed ? count_text(static_cast<std::uint64_t>(place.committed->offset)) : "-";
  if (!verified.refusal.empty())
    return {place.name(), offset, "-", "-", "-", "NOT WHOLE: " + verified.refusal};
  return {place.name(),
          offset,
          count_text(verified.partition ? verified.partition->entities() : 0),
          count_text(verified.records_since),
          bytes_text(verified.state_bytes),
          verified.begins_anew ? "begins anew" : "whole"};
}

std::string verdict_json(const std::string& stream, const SurveyedPartition& place,
                         const VerifiedState& verified) {
  JsonObject line;
  line.add("stream", stream)
      .add("topic", place.input.topic)
      .add("partition", place.input.partition);
  if (place.committed) line.add("offset", place.committed->offset);
  line.add("whole", verified.refusal.empty());
  if (!verified.refusal.empty()) return line.add("reason", verified.refusal).text();
  line.add("begins_anew", verified.begins_anew)
      .add("entities", verified.partition ? verified.partition->entities() : 0)
      .add("open_incidents", verified.report.incidents)
      .add("records_since", verified.records_since)
      .add("bytes", verified.state_bytes);
  return line.text();
}

}  // namespace

int state_verify_command(const StateVerifyOptions& options) {
  Begun begun = begin(options.config, options.selection);
  if (begun.exit_code != kExitOk) return begun.exit_code;
  StateVerifier verifier(*begun.config, begun.plans, *begun.survey);
  TextTable table = verdict_table();
  std::string json;
  std::size_t refused = 0;
  std::size_t done = 0;
  std::optional<Progress> progress("restoring in memory");
  for (SurveyedPartition& place : begun.partitions) {
    progress->show(static_cast<double>(done++) / static_cast<double>(begun.partitions.size()),
                   place.name());
    const Result<VerifiedState> verified = verifier.verify(place);
    if (!verified) return fail(verified.error().message, kExitRuntime);
    if (!verified->refusal.empty()) ++refused;
    table.add(verdict_row(place, *verified));
    json += (json.empty() ? "" : ",") +
            verdict_json(begun.config->streams[place.stream].name, place, *verified);
  }
  progress.reset();
  if (options.json) {
    JsonObject all;
    all.add("app", begun.config->app)
        .add("whole", refused == 0)
        .add_raw("partitions", "[" + json + "]");
    std::printf("%s\n", all.text().c_str());
  } else {
    const std::string sum = plural(begun.partitions.size(), "partition");
    const std::string verdict =
        refused == 0 ? "would take all of them" : "would refuse " + count_text(refused);
    std::printf("%s\n%s: a start %s.\n", table.text().c_str(), sum.c_str(), verdict.c_str());
  }
  return refused == 0 ? kExitOk : kExitRuntime;
}

namespace {

Result<void> export_records(const Begun& begun, const SurveyedPartition& place, LineFile& file) {
  const auto mark = place.committed ? PartitionMark::parse(place.committed->metadata)
                                    : std::optional<PartitionMark>();
  file.write(partition_line(begun.config->streams[place.stream].name, place, mark));
  if (!place.has_state) return file.check();
  const std::vector<TopicPartition> state{place.state};
  const auto stable = begun.survey->group().offsets_at(state, {.kind = StartPoint::Kind::latest},
                                                       StateSurvey::kPatience);
  if (!stable.answer) return Error{stable.reason};
  const auto take = [&](const ReadRecord& record) {
    file.write(record_line(place, record.offset, record.value.value_or("")));
    return KafkaScan::Wanted::more;
  };
  Result<void> read = begun.survey->scan().read(
      {.place = place.state, .from = place.state_marks.low, .to = stable.answer->front()}, take,
      StateSurvey::kPatience);
  if (!read) return read;
  return file.check();
}

Result<void> export_entities(const Begun& begun, StateVerifier& verifier, SurveyedPartition& place,
                             LineFile& file) {
  const Result<VerifiedState> verified = verifier.verify(place);
  if (!verified) return verified.error();
  if (!verified->refusal.empty()) return Error{place.name() + ": " + verified->refusal};
  if (verified->partition == nullptr) return {};
  verified->partition->each_entity([&](const Partition::EntityView& entity) {
    file.write(entity_line(begun.config->streams[place.stream].name, place, entity));
  });
  return file.check();
}

}  // namespace

int state_export_command(const StateExportOptions& options) {
  Begun begun = begin(options.config, options.selection);
  if (begun.exit_code != kExitOk) return begun.exit_code;
  std::optional<LineFile> file;
  if (options.output.empty()) {
    file.emplace(LineFile::standard_output());
  } else {
    Result<LineFile> opened = LineFile::open(options.output);
    if (!opened) return fail(opened.error().message, kExitUsage);
    file.emplace(*std::move(opened));
  }
  StateVerifier verifier(*begun.config, begun.plans, *begun.survey);
  for (SurveyedPartition& place : begun.partitions) {
    const Result<void> exported = options.entities ? export_entities(begun, verifier, place, *file)
                                                   : export_records(begun, place, *file);
    if (!exported) return fail(exported.error().message, kExitRuntime);
  }
  return kExitOk;
}

}  // namespace tocsin
