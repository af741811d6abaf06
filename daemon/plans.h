// From a compiled configuration to compiled streams, and to what they need.

#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "daemon/config/config.h"
#include "daemon/memory_plan.h"
#include "daemon/metric.h"
#include "detectors/result.h"
#include "pipeline/scoring/partition.h"

namespace tocsin {

/// Shared with every partition of the stream.
using StreamPlanRef = std::shared_ptr<const StreamPlan>;

/// The plan of each stream, in order. Fails where the settings of a detector contradict each other.
Result<std::vector<StreamPlanRef>> make_plans(const Config& config);

/// Worker threads: as configured, or what suits this machine. One core is left to reading and to
/// librdkafka, and more workers than partitions would have nothing to do.
int workers_of(const Config& config);

/// What metrics say of the configuration.
MetricsSubject metrics_subject(const Config& config, std::span<const StreamPlanRef> plans);

/// What the process can come to need for these streams.
MemoryNeeds memory_needs(const Config& config, std::span<const StreamPlanRef> plans);

/// Why a process with this memory must not start, where the configuration speaks of memory; empty:
/// it may.
std::optional<Diagnostic> why_refused(const MemoryPlan& memory, const Config& config);

}  // namespace tocsin
