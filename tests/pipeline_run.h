// Whole pipelines on the log in memory, for tests: the same events, driven in different ways.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/flow/flow_settings.h"
#include "pipeline/settings.h"

namespace tocsin {

/// An event on its way into a topic.
struct InputEvent {
  std::string topic;
  std::int32_t partition = 0;
  std::string key;
  std::string value;
  std::int64_t timestamp_ms = 0;
};

/// What goes in.
struct PipelineCase {
  std::vector<StreamSettings> streams;
  OutputSettings outputs;
  std::vector<std::pair<std::string, std::int32_t>> topics;  ///< Input topics and partitions.
  std::vector<InputEvent> events;
};

/// What came out.
struct PipelineResult {
  /// Every record written, with its topic, key, value and headers, in order, by input partition.
  std::map<std::string, std::string> outputs;
  std::map<std::string, std::string> states;  ///< Saved bytes by input partition.
  std::uint64_t scored = 0, warming_up = 0, rejected = 0, tombstones = 0;
  std::uint64_t anomalies = 0, alerts = 0, alerts_open = 0, evictions = 0, refits = 0;
  std::uint64_t entities = 0, commits = 0, replayed = 0;
};

/// All stages in this thread, step by step, until everything is committed.
PipelineResult run_stepwise(const PipelineCase& input, const FlowSettings& settings);

/// With a thread for every stage, and refits on another.
PipelineResult run_threaded(const PipelineCase& input, const FlowSettings& settings);

/// One life of a pipeline: so many steps, then it ends in order or is simply gone.
struct Life {
  FlowSettings settings;
  int steps = 0;           ///< 0: until everything is committed.
  bool ends_well = false;  ///< In order: what was read is committed, and the state saved.
};

/// Stepwise, in one life after another; each finds what the ones before have left in the log, and
/// of the input only what a restore may need: all that is committed and snapshots cover is deleted.
/// Counts are those of the last life.
PipelineResult run_in_lives(const PipelineCase& input, const std::vector<Life>& lives);

/// Two streams over four topics with twelve partitions, more than ten thousand entities in a
/// budget that holds fewer, bad records of every kind, and disturbances that are not over when
/// the events end.
PipelineCase demanding_case(std::uint64_t seed, int events);

/// One number over everything in a result, for comparing runs of different processes.
std::string digest(const PipelineResult& result);

}  // namespace tocsin
