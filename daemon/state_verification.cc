#include "daemon/state_verification.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "pipeline/input/decoder.h"

namespace tocsin {
namespace {

/// Of a daemon that writes all the while.
constexpr int kAttempts = 20;

}  // namespace

Result<VerifiedState> StateVerifier::verify(SurveyedPartition& place) {
  for (int attempt_number = 1;; ++attempt_number) {
    VerifiedState verified;
    Trouble trouble = attempt(place, verified);
    if (trouble.is_none()) return verified;
    const auto before = place.committed;
    std::vector<SurveyedPartition> again{place};
    if (Result<void> looked = survey_.look_again(again); !looked) return looked.error();
    place = again.front();
    if (place.committed != before && attempt_number < kAttempts) continue;
    if (!trouble.unanswered.empty()) return Error{trouble.unanswered};
    verified = {};
    verified.refusal = std::move(trouble.refusal);
    return verified;
  }
}

StateVerifier::Trouble StateVerifier::attempt(const SurveyedPartition& place,
                                              VerifiedState& verified) {
  const Result<CommittedWords> words = read_words(place.committed);
  if (!words) return {.refusal = words.error().message};
  if (words->begins_lineage || !words->mark) {
    verified.begins_anew = true;
    if (words->begins_lineage) return {};
  }
  return restore(place, words->mark.value_or(PartitionMark{}), verified);
}

StateVerifier::Trouble StateVerifier::restore(const SurveyedPartition& place,
                                              const PartitionMark& mark, VerifiedState& verified) {
  const StreamPlanRef& plan = plans_[place.stream];
  counters_.clear();
  counters_.push_back(std::make_unique<StreamCounters>(plan->settings().detectors.size()));
  auto partition = std::make_unique<Partition>(
      plan, Partition::Place{.topic = place.input.topic, .number = place.input.partition}, refits_,
      *counters_.front(), nullptr);
  const bool is_exact = config_.kafka.delivery == Delivery::exactly_once;
  Restoration restoration(mark, is_exact ? Chain::exact : Chain::loose);
  RestoreAssembly assembly;
  if (Trouble read = read_state(place, restoration, assembly, *partition); !read.is_none())
    return read;
  verified.state_bytes = restoration.bytes();
  if (verified.begins_anew) return {};
  if (restoration.start()) {
    Result<RestoreReport> report = assembly.finish(*partition);
    if (!report) return {.refusal = report.error().message};
    verified.report = *std::move(report);
  }
  verified.partition = std::move(partition);
  if (Trouble decoder = check_decoder(place, restoration); !decoder.is_none()) return decoder;
  return check_input(place, mark, verified);
}

/// One reading of the state topic, record by record, into a partition.
class StateVerifier::Reading {
 public:
  Reading(Restoration& restoration, RestoreAssembly& assembly, Partition& partition)
      : restoration_(restoration), assembly_(assembly), partition_(partition) {}

  KafkaScan::Wanted take(const ReadRecord& record) {
    auto piece = restoration_.take(record.offset, record.value.value_or(""));
    if (!piece) return refuse(piece.error().message);
    if (*piece) {
      const Result<void> added = assembly_.add(partition_, **piece);
      if (!added) return refuse(added.error().message);
    }
    return KafkaScan::Wanted::more;
  }
  const std::string& refusal() const { return refusal_; }

 private:
  KafkaScan::Wanted refuse(const std::string& why) {
    refusal_ = why;
    return KafkaScan::Wanted::no_more;
  }

  Restoration& restoration_;
  RestoreAssembly& assembly_;
  Partition& partition_;
  std::string refusal_;
};

StateVerifier::Trouble StateVerifier::read_state(const SurveyedPartition& place,
                                                 Restoration& restoration,
                                                 RestoreAssembly& assembly, Partition& partition) {
  const Watermarks& marks = place.state_marks;
  restoration.watermark(marks.high);
  std::int64_t to = marks.high;
  while (true) {
    Reading reading(restoration, assembly, partition);
    const std::int64_t from = std::clamp(restoration.read_from(), marks.low, marks.high);
    const Result<void> read = survey_.scan().read(
        {.place = place.state, .from = from, .to = to},
        [&reading](const ReadRecord& record) { return reading.take(record); },
        StateSurvey::kPatience);
    if (!reading.refusal().empty()) return {.refusal = reading.refusal()};
    if (!read) return {.unanswered = read.error().message};
    restoration.end(marks.high);
    // The second reading ends where the first began.
    to = from;
    const Result<bool> is_next = restoration.next_reading();
    if (!is_next) return {.refusal = is_next.error().message};
    if (!*is_next) return {};
  }
}

StateVerifier::Trouble StateVerifier::check_decoder(const SurveyedPartition& place,
                                                    const Restoration& restoration) {
  if (!restoration.start()) return {};
  const SnapshotStart& start = *restoration.start();
  const StreamPlanRef& plan = plans_[place.stream];
  if (start.input_definition != plan->input_definition_hash()) return {};
  Decoder decoder(plan->settings(), place.input.partition, json_reader_, KeepEvents::no);
  const Result<void> restored = decoder.restore(start.decoder);
  return restored ? Trouble{} : Trouble{.refusal = restored.error().message};
}

/// Only offsets are looked at: what the records hold is for the start to handle.
StateVerifier::Trouble StateVerifier::check_input(const SurveyedPartition& place,
                                                  const PartitionMark& mark,
                                                  VerifiedState& verified) {
  const CommittedOffset& committed = *place.committed;
  const Result<InputStart> start =
      input_start(committed, mark, place.input_marks, config_.flow.on_gap);
  if (!start) return {.refusal = start.error().message};
  RecordTrail trail;
  const auto take = [&trail](const ReadRecord& record) {
    trail.add(record.offset);
    return KafkaScan::Wanted::more;
  };
  const Result<void> read =
      survey_.scan().read({.place = place.input, .from = start->offset, .to = start->live_from},
                          take, StateSurvey::kPatience);
  if (!read) return {.unanswered = read.error().message};
  verified.records_since = trail.count;
  if (start->missing > 0 || config_.flow.on_gap == OnGap::proceed) return {};
  const std::uint64_t sequence = verified.partition->sequence() + trail.count;
  const Result<void> checked = check_trail(mark, trail, sequence);
  return checked ? Trouble{} : Trouble{.refusal = checked.error().message};
}

}  // namespace tocsin
