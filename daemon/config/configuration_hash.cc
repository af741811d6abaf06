#include "daemon/config/configuration_hash.h"

#include <fmt/format.h>
#include <xxhash.h>

#include "daemon/config/effective.h"

namespace tocsin {

std::string hash_of(const Config& config) {
  // A name in the text, so that a later format of it cannot be taken for this one.
  std::string text = "tocsin configuration 1\n";
  append_streams(text, config);
  text += fmt::format("partition_bytes: {}\n", config.memory.partition_bytes);
  OutputSettings form = config.outputs;
  form.scores.topic = form.alerts.topic = form.dead_letters = "topic";
  append_outputs(text, form);
  for (const StreamSettings& stream : config.streams) {
    for (const DetectorSettings& detector : stream.detectors) {
      text += fmt::format("{} {}\n", detector.kind->name, detector.kind->version);
    }
  }
  return fmt::format("{:016x}", XXH3_64bits(text.data(), text.size()));
}

}  // namespace tocsin
