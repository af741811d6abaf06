// Values that people have mended, from a file of lines.

#pragma once

#include <map>
#include <string>

#include "daemon/dead_letters.h"
#include "detectors/result.h"

namespace tocsin {

/// By the place of the dead letter.
using RepairedValues = std::map<DeadLetterPlace, std::string>;

/// Reads lines as `tocsin dead-letters list --json` prints them, edited: of each `partition` and
/// `offset` say which dead letter, and `value` (text) or `value_base64` its bytes from now on.
/// Other members are not looked at, empty lines passed over. An error names the line.
Result<RepairedValues> read_repaired(const std::string& path);

}  // namespace tocsin
