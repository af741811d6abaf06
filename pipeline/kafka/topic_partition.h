// The name of a partition.

#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace tocsin {

struct TopicPartition {
  std::string topic;
  std::int32_t partition = 0;
  friend auto operator<=>(const TopicPartition&, const TopicPartition&) = default;
};

}  // namespace tocsin
