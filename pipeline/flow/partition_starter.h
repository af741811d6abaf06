// From an assigned partition to one that delivers: its committed offset, its saved state, its
// input.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "pipeline/flow/flow_counters.h"
#include "pipeline/flow/flow_observer.h"
#include "pipeline/flow/flow_settings.h"
#include "pipeline/flow/input_partition.h"
#include "pipeline/flow/lanes.h"
#include "pipeline/input/json_reader.h"
#include "pipeline/log/log.h"
#include "pipeline/scoring/partition.h"
#include "pipeline/settings.h"

namespace tocsin {

/// What starting works with; everything outlives it.
struct StartContext {
  std::span<const StreamSettings> streams;
  std::span<const std::shared_ptr<const StreamPlan>> plans;
  const FlowSettings& settings;
  KeepEvents keep_events = KeepEvents::no;
  LogReader& reader;
  StateLog* states = nullptr;  ///< Null: nothing is kept.
  Lanes& lanes;
  FlowCounters& counters;
  FlowObserver& observer;
};

/// Starts partitions beside those that deliver already, without waiting for any of them:
///
/// 1. the committed offset and its metadata, once no transaction that could change it is open;
/// 2. where the metadata names saved state, the state topic up to its end, open transactions
///    included, each piece handed to the worker;
/// 3. the input from the snapshot's offset on: silent up to the committed offset, then live.
///
/// What does not agree refuses the start, with the reason and the ways out.
/// Threads: the ingest stage's.
class PartitionStarter final : public StateSink {
 public:
  explicit PartitionStarter(StartContext context) : context_(context) {}

  /// Brings every partition of `inputs` that does not deliver yet a step further.
  Result<void> step(std::map<PartitionHandle, InputPartition>& inputs, std::int64_t now_ns);
  /// The partition goes away before it delivers.
  void forget(InputPartition& input);
  bool is_reading() const { return !readings_.empty(); }
  /// Everything before this point of the input is handled: it is live from here on.
  void go_live(InputPartition& input);

  void state_watermark(StateReading reading, std::int64_t high) override;
  void state_record(StateReading reading, std::int64_t offset, std::string_view value) override;
  void state_end(StateReading reading, std::int64_t next_offset) override;

 private:
  Result<void> begin_waiting(std::map<PartitionHandle, InputPartition>& inputs,
                             std::int64_t now_ns);
  Result<void> poll_states();
  Result<void> begin(InputPartition& input);
  Result<void> resume(InputPartition& input);
  bool begins_lineage(const InputPartition& input) const;
  bool is_ours(const InputPartition& input, bool is_as_before) const;
  void restore(InputPartition& input, PartitionMark mark, Chain chain);
  void read(InputPartition& input);
  Result<void> go_on_restoring(InputPartition& input);
  Result<void> reconsider(InputPartition& input, const std::string& refusal);
  Result<void> start_input(InputPartition& input);
  Result<InputStart> input_start(const InputPartition& input, const Watermarks& marks) const;
  Result<void> restore_decoder(InputPartition& input) const;
  void open(InputPartition& input);
  void tell_gap(const InputPartition& input);
  InputPartition* reading(StateReading reading);

  StartContext context_;
  JsonReader json_reader_;
  std::map<StateReading, InputPartition*> readings_;
};

/// Where the state of the partitions of `input_topic` is kept.
std::string state_topic_of(const std::string& app, const std::string& input_topic);

}  // namespace tocsin
