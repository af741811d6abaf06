#include "daemon/state_reset.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <deque>
#include <utility>
#include <vector>

#include "daemon/exit_code.h"
#include "daemon/load_config.h"
#include "daemon/memory_plan.h"
#include "daemon/text_table.h"
#include "pipeline/snapshot/partition_mark.h"
#include "pipeline/snapshot/snapshot_search.h"

namespace tocsin {
namespace {

int fail(const std::string& reason, int exit_code) {
  std::fprintf(stderr, "tocsin state reset: %s\n", reason.c_str());
  return exit_code;
}

/// What becomes of one partition.
struct Reset {
  SurveyedPartition place;
  std::int64_t offset = 0;             ///< At which it begins anew, or goes on.
  std::optional<PartitionMark> state;  ///< With which it goes on.
};

/// What becomes of its state topic.
std::string state_text(const Reset& one) {
  const SurveyedPartition& place = one.place;
  if (one.state)
    return fmt::format("snapshot {} is kept{}", one.state->snapshot->id,
                       one.offset > place.input_marks.high
                           ? "; the topic was made anew: start with `state: {on_gap: proceed}`"
                           : "");
  if (place.state_marks.high <= place.state_marks.low) return "none is kept";
  return fmt::format("offsets {} to {} of {}/{} are deleted", place.state_marks.low,
                     place.state_marks.high - 1, place.state.topic, place.state.partition);
}

std::string offset_text(const std::optional<CommittedOffset>& committed) {
  return committed ? count_text(static_cast<std::uint64_t>(committed->offset)) : "-";
}

std::string table_of(const std::vector<Reset>& resets) {
  TextTable table({{.name = "PARTITION"},
                   {.name = "OFFSET", .is_right = true},
                   {.name = "BEGINS AT", .is_right = true},
                   {.name = "STATE"}});
  for (const Reset& one : resets)
    table.add({one.place.name(), offset_text(one.place.committed),
               count_text(static_cast<std::uint64_t>(one.offset)), state_text(one)});
  return table.text();
}

std::int64_t where_it_stands(const SurveyedPartition& place) {
  const std::int64_t stands = place.committed ? place.committed->offset : place.input_marks.low;
  // A topic that was made anew has no such offset any more.
  return std::clamp(stands, place.input_marks.low, place.input_marks.high);
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
    resets.push_back({.place = place, .offset = from ? offsets[p] : where_it_stands(place)});
  }
  return resets;
}

/// The last whole snapshot that the state topic holds of a partition, if there is one.
Result<std::optional<PartitionMark>> find_snapshot(StateSurvey& survey,
                                                   const SurveyedPartition& place) {
  SnapshotSearch search;
  const auto stable = survey.group().offsets_at(
      std::vector{place.state}, {.kind = StartPoint::Kind::latest}, StateSurvey::kPatience);
  if (!stable.answer) return Error{stable.reason};
  const Result<void> read = survey.scan().read(
      {.place = place.state, .from = place.state_marks.low, .to = stable.answer->front()},
      [&search](const ReadRecord& record) {
        search.take(record.offset, record.value.value_or(""));
        return KafkaScan::Wanted::more;
      },
      StateSurvey::kPatience);
  if (!read) return read.error();
  if (!search.trouble().empty()) return Error{place.name() + ": " + search.trouble()};
  return search.mark();
}

/// Each partition that has state goes on with its last snapshot, from that one's offset on. Where
/// there is none yet, as where nothing ever came, it begins anew.
Result<std::vector<Reset>> plan_returns(StateSurvey& survey,
                                        const std::vector<SurveyedPartition>& partitions) {
  std::vector<Reset> resets;
  for (const SurveyedPartition& place : partitions) {
    if (place.state_marks.high <= place.state_marks.low) continue;
    auto mark = find_snapshot(survey, place);
    if (!mark) return mark.error();
    const std::int64_t offset = *mark ? (*mark)->snapshot->input_offset : where_it_stands(place);
    resets.push_back({.place = place, .offset = offset, .state = *std::move(mark)});
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
  std::deque<std::string> words;
  for (const Reset& one : resets) {
    words.emplace_back(one.state ? "" : kNewLineageWords);
    if (one.state) one.state->append_to(words.back());
    offsets.push_back({.topic = one.place.input.topic,
                       .partition = one.place.input.partition,
                       .next_offset = one.offset,
                       .metadata = words.back()});
    if (!one.state && one.place.state_marks.high > one.place.state_marks.low)
      states.push_back(one.place.state);
  }
  Result<void> done = survey.group().set_offsets(offsets, StateSurvey::kPatience);
  if (!done || states.empty()) return done;
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
  const auto kept = static_cast<std::size_t>(
      std::ranges::count_if(resets, [](const Reset& one) { return one.state.has_value(); }));
  const auto partitions = [](std::size_t count) {
    return count_text(count) + (count == 1 ? " partition" : " partitions");
  };
  std::string done_to;
  if (kept > 0) done_to = "takes " + partitions(kept) + " from the last snapshot";
  if (kept < resets.size())
    done_to +=
        (kept > 0 ? ", and begins " : "begins ") + partitions(resets.size() - kept) + " anew";
  std::printf("\nDone: the next start %s.\n", done_to.c_str());
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
  if (options.keeps_snapshot && config->kafka.delivery != Delivery::exactly_once)
    return fail(
        "--to-snapshot needs `delivery: exactly_once`: without transactions a state topic "
        "holds records of several owners",
        kExitUsage);
  const auto resets = options.keeps_snapshot ? plan_returns(**survey, *partitions)
                                             : plan_resets(**survey, *partitions, options.from);
  if (!resets) return fail(resets.error().message, kExitRuntime);
  if (resets->empty()) {
    std::printf("Nothing is committed and nothing saved: the next start begins anew anyway.\n");
    return kExitOk;
  }
  std::fputs(table_of(*resets).c_str(), stdout);
  if (options.is_confirmed) return reset(**survey, config->app, *resets);
  if (options.keeps_snapshot)
    std::printf("\nRecords from there on are scored again, under the same ids.\n");
  else
    std::printf(
        "\nWhat was learned of these partitions is forgotten, open incidents without an alert that "
        "closes them%s.\n",
        options.from ? "; records from there on are scored again, under the same ids" : "");
  return fail("nothing was done; to do it, add --yes", kExitUsage);
}

}  // namespace tocsin
