// What was written, told apart by where it came from.

#pragma once

#include <map>
#include <string>
#include <vector>

#include "pipeline/log/memory_log.h"

namespace tocsin::simulation {

/// A partition of an input topic: `metrics/0`.
using Source = std::string;
Source source_name(const std::string& topic, std::int32_t partition);

/// By partition of an output topic (`scores/1`): keys, values and headers, each as one text.
using Outputs = std::map<std::string, std::vector<std::string>>;

/// A record in one text, from which nothing that matters is left out.
std::string text_of(const StoredRecord& record);

/// The input partition that a score, an alert or a dead letter comes from.
Source source_of(const StoredRecord& record);

}  // namespace tocsin::simulation
