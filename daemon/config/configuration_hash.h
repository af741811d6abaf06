// A name for what a configuration means.

#pragma once

#include <string>

#include "daemon/config/config.h"

namespace tocsin {

/// 16 hex digits over everything that can change a result: streams, and the form of what is
/// written. Two configurations of one hash give the same bytes for the same events.
std::string hash_of(const Config& config);

}  // namespace tocsin
