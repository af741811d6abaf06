// A configuration from a file, for commands.

#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>

#include "daemon/config/config.h"
#include "daemon/config/diagnostic.h"

namespace tocsin {

using TakeWarning = std::function<void(const Diagnostic& warning)>;

/// Compiles the file at `path`, and prints mistakes and warnings on standard error. Empty: there
/// were mistakes, and the process ends with kExitConfiguration. Where there is none, `take` has the
/// warnings instead, unless it is null.
std::optional<Config> load_config(const std::string& path, const TakeWarning& take = nullptr);

/// Prints them on standard error, coloured on a terminal.
void show(std::span<const Diagnostic> diagnostics);

}  // namespace tocsin
