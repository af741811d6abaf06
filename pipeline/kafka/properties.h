// Which librdkafka properties a user may set, and whether a value is one.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/result.h"
#include "pipeline/kafka/kafka_settings.h"

namespace tocsin {

/// Offers the property to librdkafka without making a client. The error is librdkafka's own
/// sentence, which names the property and what it allows.
Result<void> try_property(std::string_view name, std::string_view value);

/// Offers the user's properties together with ours, as the daemon's clients will have them: some only
/// go with others. Nothing is connected to, and no file is read. The error is librdkafka's sentence.
Result<void> try_clients(const KafkaSettings& settings);

/// Why the user may not set this property, although librdkafka knows it: one clause that continues
/// "`name` ...", such as "is set by tocsin: ...". Nothing when it may be set.
std::optional<std::string> why_refused(std::string_view name);

/// A property of the librdkafka that is installed, and which kinds of client know it.
struct KnownProperty {
  std::string name;
  bool consumer = false;
  bool producer = false;
};

/// Every property and alias, in librdkafka's order.
std::vector<KnownProperty> known_properties();

/// The names of those that may be set: for suggestions when a name is misspelt.
std::vector<std::string> settable_properties();

}  // namespace tocsin
