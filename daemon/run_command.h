// `tocsin run`: the daemon.

#pragma once

#include <optional>
#include <string>

#include "daemon/service.h"

namespace tocsin {

struct RunOptions {
  std::string config;              ///< Path of the configuration.
  std::optional<StartPoint> from;  ///< As ServiceOptions has it.
};

/// Compiles the configuration and serves it until SIGTERM or SIGINT; returns the process's exit
/// code.
int run_command(const RunOptions& options, const Interpose& interpose = {});

}  // namespace tocsin
