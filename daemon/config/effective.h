// Parts of the configuration written out as YAML; the whole is effective_yaml (config.h).

#pragma once

#include <string>

#include "daemon/config/config.h"

namespace tocsin {

/// Appends the section `streams:`, with every default.
void append_streams(std::string& out, const Config& config);

/// Appends the section `outputs:`.
void append_outputs(std::string& out, const OutputSettings& outputs);

}  // namespace tocsin
