// The daemon, from a compiled configuration to its end: what `run` and the demo share.

#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "daemon/config/config.h"
#include "daemon/log.h"
#include "pipeline/flow/flow_observer.h"
#include "pipeline/kafka/kafka_group.h"
#include "pipeline/log/log.h"

namespace tocsin {

/// What has become available, once everything is up.
struct ServiceAddress {
  std::string http;  ///< `host:port`, with the real port.
};

/// Where the engine touches the world.
struct EngineEdges {
  LogReader& reader;
  StateLog* states = nullptr;
  LogWriter& writer;
  FlowObserver& observer;
};

/// What is put between the engine and the world, given what the service made: the daemon of
/// `tests/chaos` puts faults there. Empty: nothing. What it returns outlives the service.
using Interpose = std::function<EngineEdges(EngineEdges)>;

/// What one run of the daemon has of its own.
struct ServiceOptions {
  /// Where a group that has committed nothing begins, whatever state there is; empty: at the
  /// earliest, and there must be none.
  std::optional<StartPoint> from;
  std::function<void(const ServiceAddress&)> is_up;
  Interpose interpose;
};

/// Checks memory and topics, joins the group and scores until `stop` is requested; then drains,
/// commits and leaves within the drain timeout. Returns the process's exit code.
///
/// Whatever forbids a start is said at once, all of it. Brokers that cannot be reached are tried
/// again, which the log and `/readyz` show, until `stop`.
int serve(const Config& config, Log& log, const std::stop_token& stop,
          const ServiceOptions& options = {});

}  // namespace tocsin
