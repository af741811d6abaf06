// What no single field can show to be wrong: streams and topics that get in each other's way.

#pragma once

#include "daemon/config/config.h"
#include "daemon/config/findings.h"
#include "daemon/config/value.h"

namespace tocsin {

/// Two streams of one name, a topic read twice, an output that is also an input.
void find_contradictions(const Value& root, const Config& config, Findings& findings);

/// The topic that keeps the state of `topic`'s partitions.
std::string state_topic(const std::string& app, const std::string& topic);

/// An expression that every state topic of `app` matches.
std::string state_topics_expression(const std::string& app);

}  // namespace tocsin
