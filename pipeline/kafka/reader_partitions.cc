#include "pipeline/kafka/reader_partitions.h"

#include <algorithm>

namespace tocsin {

ReaderPartitions::Topic& ReaderPartitions::topic_named(std::string_view name) {
  const auto found = std::ranges::find(topics_, name, &Topic::name);
  if (found != topics_.end()) return *found;
  topics_.push_back({.name = std::string(name), .handle = nullptr, .partitions = {}});
  return topics_.back();
}

PartitionHandle ReaderPartitions::add(std::string_view topic, std::int32_t partition) {
  const auto handle = static_cast<PartitionHandle>(all_.size());
  ReaderPartition& added = all_.emplace_back();
  added.topic = topic;
  added.partition = partition;
  current_.push_back(handle);
  auto& partitions = topic_named(topic).partitions;
  const auto index = static_cast<std::size_t>(partition);
  if (partitions.size() <= index) partitions.resize(index + 1, kNone);
  partitions[index] = handle;
  return handle;
}

std::vector<PartitionHandle> ReaderPartitions::retire() {
  for (const PartitionHandle handle : current_) at(handle).phase = ReaderPhase::gone;
  topics_.clear();
  last_ = 0;
  return std::exchange(current_, {});
}

const ReaderPartition* ReaderPartitions::find(PartitionHandle handle) const {
  const auto index = static_cast<std::size_t>(handle);
  if (index >= all_.size() || all_[index].phase == ReaderPhase::gone) return nullptr;
  return &all_[index];
}

bool ReaderPartitions::any_delivers() const {
  return std::ranges::any_of(current_, [this](PartitionHandle handle) {
    return all_[static_cast<std::size_t>(handle)].delivers();
  });
}

PartitionHandle ReaderPartitions::of_other_topic(const rd_kafka_message_t& message) {
  if (message.rkt == nullptr) return kNone;
  auto found = std::ranges::find(topics_, message.rkt, &Topic::handle);
  if (found == topics_.end()) {
    found = std::ranges::find(topics_, std::string_view(rd_kafka_topic_name(message.rkt)),
                              &Topic::name);
    if (found == topics_.end()) return kNone;
    found->handle = message.rkt;
  }
  last_ = static_cast<std::size_t>(found - topics_.begin());
  return found->at(message.partition);
}

RdPtr<rd_kafka_topic_partition_list_t> ReaderPartitions::list(
    std::span<const PartitionHandle> handles) const {
  RdPtr<rd_kafka_topic_partition_list_t> list(
      rd_kafka_topic_partition_list_new(static_cast<int>(handles.size())));
  for (const PartitionHandle handle : handles) {
    const ReaderPartition& partition = all_[static_cast<std::size_t>(handle)];
    rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), partition.partition)
        ->offset = partition.expected;
  }
  return list;
}

}  // namespace tocsin
