// Questions about many partitions at once. Internal to this folder.

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "pipeline/kafka/asked.h"
#include "pipeline/kafka/client.h"
#include "pipeline/kafka/topic_partition.h"
#include "pipeline/log/log.h"

namespace tocsin {

/// Who asks.
struct Asker {
  rd_kafka_t* client = nullptr;
  const ClientContext& context;
};

// What the question for offsets by time takes instead of a time.
inline constexpr std::int64_t kEarliestTime = -2;
inline constexpr std::int64_t kLatestTime = -1;

/// The partitions as librdkafka wants them.
RdPtr<rd_kafka_topic_partition_list_t> list_of(std::span<const TopicPartition> partitions,
                                               std::int64_t offset);
std::span<const rd_kafka_topic_partition_t> elements_of(
    const rd_kafka_topic_partition_list_t& list);

/// [partitions] The first offset whose record is of this time or later, as the client's isolation
/// level sees it; negative: there is none. What may mend itself is asked again while there is
/// patience.
Asked<std::vector<std::int64_t>> ask_offsets(const Asker& asker,
                                             std::span<const TopicPartition> partitions,
                                             std::int64_t time_ms,
                                             std::chrono::milliseconds patience);

/// [partitions] What the group has committed, once stable if the client reads committed.
Asked<std::vector<std::optional<CommittedOffset>>> ask_all_committed(
    const Asker& asker, std::span<const TopicPartition> partitions,
    std::chrono::milliseconds patience);

}  // namespace tocsin
