// The partitions that a reader has been assigned, by handle and by message. Internal to this
// folder.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/kafka/client.h"
#include "pipeline/log/log.h"

namespace tocsin {

/// Where a partition stands. Only `live` ones deliver.
enum class ReaderPhase : std::uint8_t {
  assigned,  ///< Waits for `start`.
  seeking,   ///< librdkafka has to be put at `expected` before anything it delivers counts.
  live,
  gone,  ///< Revoked; the handle stays taken.
};

struct ReaderPartition {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t expected = -1;  ///< The next record has at least this offset.
  ReaderPhase phase = ReaderPhase::assigned;
  bool paused = false;  ///< By our user.
  bool held = false;    ///< By librdkafka, at our request; its queued records are dropped.

  bool delivers() const { return phase == ReaderPhase::live && !paused; }
};

/// Threads: one.
class ReaderPartitions {
 public:
  static constexpr PartitionHandle kNone = -1;

  PartitionHandle add(std::string_view topic, std::int32_t partition);
  /// Makes every current partition `gone`, and returns their handles.
  std::vector<PartitionHandle> retire();

  ReaderPartition& at(PartitionHandle handle) { return all_[static_cast<std::size_t>(handle)]; }
  const ReaderPartition* find(PartitionHandle handle) const;
  std::span<const PartitionHandle> current() const { return current_; }
  bool any_delivers() const;

  /// The current partition that a message came from; kNone: none.
  PartitionHandle of(const rd_kafka_message_t& message) {
    if (last_ < topics_.size() && topics_[last_].handle == message.rkt) {
      return topics_[last_].at(message.partition);
    }
    return of_other_topic(message);
  }

  /// The partitions as librdkafka wants them, each with `expected` as its offset.
  RdPtr<rd_kafka_topic_partition_list_t> list(std::span<const PartitionHandle> handles) const;

 private:
  struct Topic {
    std::string name;
    const rd_kafka_topic_t* handle = nullptr;  ///< Valid while the topic is assigned; learned.
    std::vector<PartitionHandle> partitions;   ///< [partitions]

    PartitionHandle at(std::int32_t partition) const {
      const auto index = static_cast<std::size_t>(partition);
      return index < partitions.size() ? partitions[index] : kNone;
    }
  };

  PartitionHandle of_other_topic(const rd_kafka_message_t& message);
  Topic& topic_named(std::string_view name);

  std::vector<ReaderPartition> all_;      // [handles]
  std::vector<PartitionHandle> current_;  // Of the assignment.
  std::vector<Topic> topics_;             // Of the assignment.
  std::size_t last_ = 0;                  // The topic of the last message.
};

}  // namespace tocsin
