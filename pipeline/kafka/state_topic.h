// What a state topic has to be.

#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "pipeline/kafka/kafka_admin.h"

namespace tocsin {

/// Nothing of it may go but what `StateLog::trim` deletes: neither by time or size, nor by key.
inline constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kStateTopicConfig{
    {{"cleanup.policy", "delete"}, {"retention.ms", "-1"}, {"retention.bytes", "-1"}}};

/// A state topic for an input of so many partitions.
inline NewTopic new_state_topic(std::string name, std::int32_t partitions,
                                std::int16_t replication) {
  NewTopic topic{
      .name = std::move(name), .partitions = partitions, .replication = replication, .config = {}};
  for (const auto& [key, value] : kStateTopicConfig) topic.config.emplace_back(key, value);
  return topic;
}

}  // namespace tocsin
