// From checked values to settings; what contradicts something else is reported on the way.

#pragma once

#include <vector>

#include "daemon/config/config.h"
#include "daemon/config/findings.h"
#include "daemon/config/value.h"

namespace tocsin {

/// Everything. `value` is what the checker made of the file; a part that was reported as wrong is
/// left out, so that nothing is reported twice.
Config assemble(const Value& value, Findings& findings);

/// One stream; `memory` says what its partitions may need.
StreamSettings assemble_stream(const Value& value, const MemorySettings& memory,
                               Findings& findings);

/// How often a stream, and a feature or some entities of it, may alarm falsely.
Sensitivity assemble_sensitivity(const Section& stream, Findings& findings);
/// Of a section whose `sensitivity` is a word or a number, and mentioned.
Sensitivity simple_sensitivity(const Section& section);
std::vector<EntityRule> assemble_entity_rules(const Section& stream);

/// The features of a stream, by their names.
std::vector<FeatureSettings> assemble_features(const Section& stream, Findings& findings);

/// The detectors of a stream whose features are in `settings`.
std::vector<DetectorSettings> assemble_detectors(const Section& stream,
                                                 const StreamSettings& settings,
                                                 Findings& findings);

}  // namespace tocsin
