// Restores a partition in memory, as a start does, and says whether the start would succeed.

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "daemon/config/config.h"
#include "daemon/plans.h"
#include "daemon/state_survey.h"
#include "detectors/result.h"
#include "pipeline/flow/start_rules.h"
#include "pipeline/input/json_reader.h"
#include "pipeline/scoring/inline_refits.h"
#include "pipeline/scoring/partition.h"
#include "pipeline/snapshot/restoration.h"

namespace tocsin {

/// A partition as a start would have it.
struct VerifiedState {
  std::string refusal;  ///< Why a start would refuse it; empty: it would not.
  /// There is no state: the partition begins with its next record, or its first.
  bool begins_anew = false;
  /// As it was at its last snapshot; null where it is refused or begins anew.
  std::unique_ptr<Partition> partition;
  RestoreReport report;
  std::uint64_t records_since = 0;  ///< Of the input, that a start handles again.
  std::uint64_t state_bytes = 0;    ///< Read from the state topic.
};

/// All that a start checks, in its order and its words: the words beside the committed offset, the
/// chain of state records, the snapshot's pieces, seals and counts, the input that is still there,
/// and that its records are those that were handled. Nothing is written.
///
/// Beside a daemon that runs: what it commits meanwhile is not taken for a mistake.
/// Threads: one. Needs the memory of one partition at a time.
class StateVerifier {
 public:
  /// All outlive it.
  StateVerifier(const Config& config, std::span<const StreamPlanRef> plans, StateSurvey& survey)
      : config_(config), plans_(plans), survey_(survey) {}

  /// An error says that Kafka did not answer.
  Result<VerifiedState> verify(SurveyedPartition& place);

 private:
  /// What is wrong, as told by the state; or by Kafka, which is no news about the state.
  struct Trouble {
    std::string refusal;
    std::string unanswered;
    bool is_none() const { return refusal.empty() && unanswered.empty(); }
  };

  class Reading;

  Trouble attempt(const SurveyedPartition& place, VerifiedState& verified);
  Trouble restore(const SurveyedPartition& place, const PartitionMark& mark,
                  VerifiedState& verified);
  Trouble read_state(const SurveyedPartition& place, Restoration& restoration,
                     RestoreAssembly& assembly, Partition& partition);
  Trouble check_decoder(const SurveyedPartition& place, const Restoration& restoration);
  Trouble check_input(const SurveyedPartition& place, const PartitionMark& mark,
                      VerifiedState& verified);

  const Config& config_;
  std::span<const StreamPlanRef> plans_;
  StateSurvey& survey_;
  InlineRefits refits_;
  std::vector<std::unique_ptr<StreamCounters>> counters_;
  JsonReader json_reader_;
};

}  // namespace tocsin
