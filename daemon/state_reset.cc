#include "daemon/state_reset.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <utility>
#include <vector>

#include "daemon/exit_code.h"
#include "daemon/load_config.h"
#include "daemon/memory_plan.h"
#include "daemon/text_table.h"
#include "pipeline/snapshot/partition_mark.h"

namespace tocsin {
namespace {

int fail(const std::string& reason, int exit_code) {
  std::fprintf(stderr, "tocsin state reset: %s\n", reason.c_str());
  return exit_code;
}

/// What becomes of one partition.
struct Reset {
  SurveyedPartition place;
  std::int64_t offset = 0;  ///< At which it begins anew.
};

std::string offset_text(const std::optional<CommittedOffset>& committed) {
  return committed ? count_text(static_cast<std::uint64_t>(committed->offset)) : "-";
}

std::string table_of(const std::vector<Reset>& resets) {
  TextTable table({{.name = "PARTITION"},
                   {.name = "OFFSET", .is_right = true},
                   {.name = "BEGINS AT", .is_right = true},
                   {.name = "STATE"}});
  for (const Reset& one : resets) {
    const std::int64_t records = one.place.state_marks.high - one.place.state_marks.low;
    table.add({one.place.name(), offset_text(one.place.committed),
               count_text(static_cast<std::uint64_t>(one.offset)),
               records > 0 ? fmt::format("offsets {} to {} of {}/{} are deleted",
                                         one.place.state_marks.low, one.place.state_marks.high - 1,
                                         one.place.state.topic, one.place.state.partition)
                           : "none is kept"});
  }
  return table.text();
}

/// Partitions of which nothing was ever committed or saved are new already.
Result<std::vector<Reset>> plan_resets(StateSurvey& survey,
                                       const std::vector<SurveyedPartition>& partitions,
                                       const std::optional<StartPoint>& from) {
  std::vector<std::int64_t> offsets(partitions.size(), -1);
  if (from) {
    std::vector<TopicPartition> inputs;
    inputs.reserve(partitions.size());
    for (const SurveyedPartition& place : partitions) inputs.push_back(place.input);
    const auto asked = survey.group().offsets_at(inputs, *from, StateSurvey::kPatience);
    if (!asked.answer) return Error{asked.reason};
    offsets = *asked.answer;
  }
  std::vector<Reset> resets;
  for (std::size_t p = 0; p < partitions.size(); ++p) {
    const SurveyedPartition& place = partitions[p];
    const bool has_state = place.state_marks.high > place.state_marks.low;
    if (!from && !place.committed && !has_state) continue;
    const std::int64_t stands = place.committed ? place.committed->offset : place.input_marks.low;
    // A topic that was made anew has no such offset any more.
    resets.push_back(
        {.place = place,
         .offset = from ? offsets[p]
                        : std::clamp(stands, place.input_marks.low, place.input_marks.high)});
  }
  return resets;
}

Result<void> nobody_is_in(StateSurvey& survey, const std::string& app) {
  const auto members = survey.group().members(StateSurvey::kPatience);
  if (!members.answer) return Error{members.reason};
  if (members.answer->empty()) return {};
  return Error{
      fmt::format("group {} has {} member{}: {}; stop tocsin, and wait until its session has ended "
                  "(session.timeout.ms, 45 s by default, after the end of the process)",
                  app, members.answer->size(), members.answer->size() == 1 ? "" : "s",
                  fmt::join(*members.answer, ", "))};
}

/// First the offsets, which the broker refuses while somebody is in the group: without them the
/// state would be missed.
Result<void> carry_out(StateSurvey& survey, const std::vector<Reset>& resets) {
  std::vector<OffsetToCommit> offsets;
  std::vector<TopicPartition> states;
  for (const Reset& one : resets) {
    offsets.push_back({.topic = one.place.input.topic,
                       .partition = one.place.input.partition,
                       .next_offset = one.offset,
                       .metadata = kNewLineageWords});
    if (one.place.state_marks.high > one.place.state_marks.low) states.push_back(one.place.state);
  }
  Result<void> done = survey.group().set_offsets(offsets, StateSurvey::kPatience);
  if (!done) return done;
  if (Result<void> deleted = survey.admin().delete_records(states, StateSurvey::kPatience);
      !deleted) {
    // Of no consequence but for the space: a new lineage does not read what is before it.
    std::fprintf(stderr, "tocsin state reset: warning: %s; old state stays until it is trimmed\n",
                 deleted.error().message.c_str());
  }
  return {};
}

/// Streams are reset one by one.
Result<void> one_stream(const Config& config, const SurveySelection& selection) {
  if (!selection.stream.empty() || config.streams.size() == 1) return {};
  std::string names;
  for (const StreamSettings& stream : config.streams)
    names += (names.empty() ? "" : ", ") + stream.name;
  return Error{"the configuration has several streams; name one by --stream: " + names};
}

int reset(StateSurvey& survey, const std::string& app, const std::vector<Reset>& resets) {
  Result<void> done = nobody_is_in(survey, app);
  if (done) done = carry_out(survey, resets);
  if (!done) return fail(done.error().message, kExitRuntime);
  std::printf("\nDone: the next start begins %s partition%s anew.\n",
              count_text(resets.size()).c_str(), resets.size() == 1 ? "" : "s");
  return kExitOk;
}

}  // namespace

int state_reset_command(const StateResetOptions& options) {
  const std::optional<Config> config = load_config(options.config);
  if (!config) return kExitConfiguration;
  if (const Result<void> one = one_stream(*config, options.selection); !one)
    return fail(one.error().message, kExitUsage);
  auto survey = StateSurvey::begin(*config);
  if (!survey) return fail(survey.error().message, kExitRuntime);
  const auto partitions = (*survey)->look(options.selection);
  if (!partitions) return fail(partitions.error().message, kExitRuntime);
  const auto resets = plan_resets(**survey, *partitions, options.from);
  if (!resets) return fail(resets.error().message, kExitRuntime);
  if (resets->empty()) {
    std::printf("Nothing is committed and nothing saved: the next start begins anew anyway.\n");
    return kExitOk;
  }
  std::fputs(table_of(*resets).c_str(), stdout);
  if (options.is_confirmed) return reset(**survey, config->app, *resets);
  std::printf(
      "\nWhat was learned of these partitions is forgotten, open incidents without an alert that "
      "closes them%s.\n",
      options.from ? "; records from there on are scored again, under the same ids" : "");
  return fail("nothing was done; to do it, add --yes", kExitUsage);
}

}  // namespace tocsin
