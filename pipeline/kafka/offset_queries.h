// What the broker knows of offsets. Internal to this folder.

#pragma once

#include <optional>
#include <string>

#include "pipeline/kafka/asked.h"
#include "pipeline/kafka/client.h"
#include "pipeline/log/log.h"

namespace tocsin {

struct Place {
  const std::string& topic;
  std::int32_t partition = 0;
};

/// The group's committed offset with its metadata, once stable: a consumer that reads committed
/// waits for open transactions. At most a second or two, in which what may mend itself is asked
/// again.
Asked<std::optional<CommittedOffset>> ask_committed(rd_kafka_t* consumer, Place place);

/// First and one past the last offset, as `client`'s isolation level sees them. At most a second or
/// two.
Asked<Watermarks> ask_watermarks(rd_kafka_t* client, Place place);

}  // namespace tocsin
