// What the broker knows of offsets. Internal to this folder.

#pragma once

#include <optional>

#include "pipeline/kafka/client.h"
#include "pipeline/log/log.h"

namespace tocsin {

struct Place {
  const std::string& topic;
  std::int32_t partition = 0;
};

/// The group's committed offset with its metadata, once stable: a consumer that reads committed
/// waits for open transactions. At most 30 s, in which what may mend itself is asked again.
Result<std::optional<CommittedOffset>> ask_committed(rd_kafka_t* consumer, Place place);

/// First and one past the last offset, as `client`'s isolation level sees them. At most 30 s.
Result<Watermarks> ask_watermarks(rd_kafka_t* client, Place place);

}  // namespace tocsin
