// What the simulated daemons work on: two streams, and events that never run out.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/log/memory_log.h"
#include "pipeline/output/output_identity.h"
#include "pipeline/scoring/partition.h"
#include "pipeline/settings.h"

namespace tocsin::simulation {

/// Topic and number of partitions.
using Widths = std::map<std::string, std::int32_t>;

/// Small in everything, so that little input reaches everything: a dozen entities fit a
/// partition, so that they are evicted; forests of three trees, refitted after 64 events; one
/// stream names its features, the other discovers them; every fifth event would be an anomaly.
struct Workload {
  std::vector<StreamSettings> streams;
  std::vector<std::shared_ptr<const StreamPlan>> plans;  ///< [streams]
  OutputSettings outputs;
  OutputIdentity identity;
  std::vector<std::string> output_topics;  ///< As `WriteRecord::topic` names them.
  Widths input_widths;                     ///< At first.
  Widths output_widths;
  std::size_t record_bytes_max = 0;  ///< What is larger is refused by the log.

  /// The stream that reads a topic.
  std::size_t stream_of(const std::string& topic) const;
};

/// The same with two configurations, made once: one puts the events into their results, one does
/// not. What is learned is the same.
inline constexpr std::size_t kConfigurations = 2;
const Workload& workload(std::size_t configuration);
/// The number of the configuration with that hash.
std::size_t configuration_of(const std::string& hash);

/// An event on its way into the log.
struct InputEvent {
  std::string topic;
  std::int32_t partition = 0;
  StoredRecord record;
};

/// The `index`-th event of a run, where the topics are as wide as `widths` says.
InputEvent make_event(std::uint64_t seed, std::uint64_t index, const Widths& widths);

}  // namespace tocsin::simulation
