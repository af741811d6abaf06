// Which librdkafka runs.

#pragma once

#include <string>

namespace tocsin {

/// The version of the librdkafka that is loaded, which may be newer than the one compiled with.
std::string librdkafka_version();

}  // namespace tocsin
