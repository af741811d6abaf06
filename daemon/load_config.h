// A configuration from a file, for commands.

#pragma once

#include <optional>
#include <string>

#include "daemon/config/config.h"

namespace tocsin {

/// Compiles the file at `path`, and prints mistakes and warnings on standard error. Empty: there
/// were mistakes, and the process ends with kExitConfiguration.
std::optional<Config> load_config(const std::string& path);

}  // namespace tocsin
