// What decides the meaning of a stream's state, as text and as a hash.

#pragma once

#include <string>

#include "pipeline/settings.h"

namespace tocsin {

/// A canonical text of all that decides what the bytes of the state mean: features, transforms,
/// detectors with their versions and parameters, entities, time, seed, budget. What only decides
/// what is made of a score (sensitivity), or which records are read, is not in it.
std::string definition_text(const StreamSettings& settings);

/// The same of what the decoder remembers of a partition: which records are read how, so that a
/// field that was discovered and a time that was accepted mean what they meant.
std::string input_definition_hash(const StreamSettings& settings);

/// XXH3 of that text: 16 hexadecimal digits.
std::string definition_hash(const StreamSettings& settings);

}  // namespace tocsin
