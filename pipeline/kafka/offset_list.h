// Offsets with their metadata, as librdkafka wants them. Internal to this folder.

#pragma once

#include <span>

#include "pipeline/kafka/client.h"
#include "pipeline/log/log.h"

namespace tocsin {

RdPtr<rd_kafka_topic_partition_list_t> offset_list(std::span<const OffsetToCommit> offsets);

}  // namespace tocsin
