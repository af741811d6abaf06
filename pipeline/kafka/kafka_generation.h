// The group's generation, as librdkafka keeps it. Internal to this folder.

#pragma once

#include <string>

#include "pipeline/kafka/client.h"
#include "pipeline/log/log.h"

namespace tocsin {

/// Immutable once made, so any thread may read it.
class KafkaGeneration final : public Generation {
 public:
  /// As the consumer's group is now; call it while partitions are being assigned.
  explicit KafkaGeneration(rd_kafka_t* consumer)
      : metadata_(rd_kafka_consumer_group_metadata(consumer)) {}

  /// Of nobody in the group.
  explicit KafkaGeneration(const std::string& group)
      : metadata_(rd_kafka_consumer_group_metadata_new(group.c_str())) {}

  const rd_kafka_consumer_group_metadata_t* metadata() const { return metadata_.get(); }

  /// True while the consumer is still a member of this generation.
  bool is_current(rd_kafka_t* consumer) const {
    return bytes_of(metadata_.get()) == bytes_of(KafkaGeneration(consumer).metadata());
  }

 private:
  static std::string bytes_of(const rd_kafka_consumer_group_metadata_t* metadata);

  RdPtr<rd_kafka_consumer_group_metadata_t> metadata_;
};

}  // namespace tocsin
