#include "daemon/foreseen_change.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "daemon/memory_plan.h"
#include "daemon/state_survey.h"
#include "pipeline/flow/start_rules.h"
#include "pipeline/scoring/partition.h"
#include "pipeline/snapshot/compression.h"
#include "pipeline/snapshot/state_record.h"

namespace tocsin {
namespace {

std::string counted(std::uint64_t count, std::string_view one) {
  return fmt::format("{} {}{}", count_text(count), one, count == 1 ? "" : "s");
}

/// The head of a snapshot, put together from its pieces.
class HeadReading {
 public:
  explicit HeadReading(const NamedSnapshot& named) : named_(named) {}

  KafkaScan::Wanted take(const ReadRecord& record) {
    using Wanted = KafkaScan::Wanted;
    Result<StateRecord> state = StateRecord::decode(record.value.value_or(""));
    if (!state) return refuse(state.error().message);
    if (state->snapshot != named_.id || state->owner != named_.owner) return Wanted::more;
    const auto* piece = std::get_if<SnapshotPiece>(&state->content);
    if (piece == nullptr)
      return std::holds_alternative<SnapshotEnd>(state->content) ? Wanted::no_more : Wanted::more;
    if (piece->kind != SnapshotPiece::Kind::head) return Wanted::no_more;
    const Result<std::string> raw = decompressor_.decompress(piece->zstd, piece->raw_bytes);
    if (!raw) return refuse(raw.error().message);
    head_ += *raw;
    return Wanted::more;
  }
  const std::string& head() const { return head_; }
  const std::string& refusal() const { return refusal_; }

 private:
  KafkaScan::Wanted refuse(const std::string& why) {
    refusal_ = why;
    return KafkaScan::Wanted::no_more;
  }

  NamedSnapshot named_;
  Decompressor decompressor_;
  std::string head_;
  std::string refusal_;
};

/// What the partitions of a stream come to.
struct StreamSum {
  std::size_t partitions = 0;
  std::size_t fresh = 0;    ///< Of which nothing is committed.
  std::size_t reset = 0;    ///< That an operator has reset.
  std::size_t unsaved = 0;  ///< Without a snapshot.
  std::size_t saved = 0;
  std::size_t unchanged = 0;  ///< Of those saved.
  std::uint64_t records_since = 0;
  std::uint64_t missing = 0;
  std::vector<DetectorFate> detectors;             ///< Counts are sums.
  std::map<std::string, std::size_t> other_words;  ///< And of how many partitions they are told.
};

class Foreseeing {
 public:
  Foreseeing(const Config& config, std::span<const StreamPlanRef> plans, StateSurvey& survey)
      : config_(config), plans_(plans), survey_(survey), sums_(plans.size()) {}

  Result<void> add(const SurveyedPartition& place);
  ForeseenChange finish() const;

 private:
  Result<void> add_saved(const SurveyedPartition& place, const PartitionMark& mark);
  void add_report(StreamSum& sum, const RestoreReport& report) const;
  std::string text_of(std::size_t stream) const;

  const Config& config_;
  std::span<const StreamPlanRef> plans_;
  StateSurvey& survey_;
  std::vector<StreamSum> sums_;  // [streams]
  std::vector<std::string> refusals_;
};

Result<void> Foreseeing::add(const SurveyedPartition& place) {
  StreamSum& sum = sums_[place.stream];
  ++sum.partitions;
  const Result<CommittedWords> words = read_words(place.committed);
  if (!words) {
    refusals_.push_back(place.name() + ": " + words.error().message);
    return {};
  }
  if (words->begins_lineage) {
    ++sum.reset;
    return {};
  }
  if (!words->mark) {
    ++sum.fresh;
    return {};
  }
  const Result<InputStart> start =
      input_start(*place.committed, words->mark, place.input_marks, config_.flow.on_gap);
  if (!start) {
    refusals_.push_back(place.name() + ": " + start.error().message);
    return {};
  }
  // As many lie there at most: some may be gone, or of transactions that were aborted.
  sum.records_since += std::min(words->mark->since.count,
                                static_cast<std::uint64_t>(start->live_from - start->offset));
  sum.missing += static_cast<std::uint64_t>(start->missing);
  if (words->mark->snapshot) return add_saved(place, *words->mark);
  ++sum.unsaved;
  return {};
}

Result<void> Foreseeing::add_saved(const SurveyedPartition& place, const PartitionMark& mark) {
  StreamSum& sum = sums_[place.stream];
  const StreamPlanRef& plan = plans_[place.stream];
  HeadReading reading(*mark.snapshot);
  const Result<void> read = survey_.scan().read(
      {.place = place.state, .from = mark.snapshot->start_offset, .to = place.state_marks.high},
      [&reading](const ReadRecord& record) { return reading.take(record); },
      StateSurvey::kPatience);
  if (!read) return read;
  const auto report = reading.refusal().empty() ? foreseen_restore(reading.head(), *plan)
                                                : Result<RestoreReport>(Error{reading.refusal()});
  if (!report) {
    refusals_.push_back(place.name() + ": " + report.error().message);
    return {};
  }
  ++sum.saved;
  if (mark.definition == plan->definition_hash()) ++sum.unchanged;
  add_report(sum, *report);
  return {};
}

void Foreseeing::add_report(StreamSum& sum, const RestoreReport& report) const {
  for (const DetectorFate& fate : report.detectors) {
    const auto same = std::ranges::find_if(sum.detectors, [&fate](const DetectorFate& other) {
      return other.detector == fate.detector && other.kept == fate.kept && other.why == fate.why;
    });
    if (same == sum.detectors.end())
      sum.detectors.push_back(fate);
    else
      same->count += fate.count;
  }
  for (const std::string& sentence : report.sentences) {
    const bool is_of_detector = std::ranges::any_of(
        report.detectors,
        [&sentence](const DetectorFate& fate) { return fate.sentence() == sentence; });
    if (!is_of_detector) ++sum.other_words[sentence];
  }
}

std::string Foreseeing::text_of(std::size_t stream) const {
  const StreamSum& sum = sums_[stream];
  std::string text = fmt::format("  stream {}, {}\n", config_.streams[stream].name,
                                 counted(sum.partitions, "partition"));
  const auto line = [&text](const std::string& words) { text += "    " + words + "\n"; };
  if (sum.fresh > 0)
    line(fmt::format("{} begin{} with nothing, at the earliest record: nothing is committed",
                     counted(sum.fresh, "partition"), sum.fresh == 1 ? "s" : ""));
  if (sum.reset > 0)
    line(fmt::format("{} begin{} with nothing: reset", counted(sum.reset, "partition"),
                     sum.reset == 1 ? "s" : ""));
  if (sum.unsaved > 0)
    line(fmt::format("{} without a snapshot: all their records are handled again",
                     counted(sum.unsaved, "partition")));
  if (sum.saved > 0 && sum.unchanged == sum.saved) line("nothing that was learned is lost");
  for (const DetectorFate& fate : sum.detectors) line(fate.sentence());
  for (const auto& [words, partitions] : sum.other_words)
    line(partitions == sum.partitions
             ? words
             : fmt::format("{} ({})", words, counted(partitions, "partition")));
  if (sum.missing > 0)
    line(fmt::format(
        "{} that the state should have seen {} gone; so many that come have the status `gap`",
        counted(sum.missing, "record"), sum.missing == 1 ? "is" : "are"));
  if (sum.records_since > 0)
    line(
        fmt::format("{} since the snapshot {} handled again under this configuration, unless the "
                    "daemon ends in order",
                    counted(sum.records_since, "record"), sum.records_since == 1 ? "is" : "are"));
  return text;
}

ForeseenChange Foreseeing::finish() const {
  ForeseenChange change{.text = fmt::format("what group {} has learned\n", config_.app),
                        .refusals = refusals_};
  for (std::size_t s = 0; s < sums_.size(); ++s) change.text += text_of(s);
  return change;
}

}  // namespace

Result<ForeseenChange> foresee_change(const Config& config, std::span<const StreamPlanRef> plans) {
  auto survey = StateSurvey::begin(config);
  if (!survey) return survey.error();
  const auto partitions = (*survey)->look({});
  if (!partitions) return partitions.error();
  Foreseeing foreseeing(config, plans, **survey);
  for (const SurveyedPartition& place : *partitions) {
    if (Result<void> added = foreseeing.add(place); !added) return added.error();
  }
  return foreseeing.finish();
}

}  // namespace tocsin
