#include "pipeline/kafka/offset_list.h"

#include <cstring>
#include <string>

namespace tocsin {

RdPtr<rd_kafka_topic_partition_list_t> offset_list(std::span<const OffsetToCommit> offsets) {
  RdPtr<rd_kafka_topic_partition_list_t> list(
      rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size())));
  for (const OffsetToCommit& offset : offsets) {
    auto* entry = rd_kafka_topic_partition_list_add(list.get(), std::string(offset.topic).c_str(),
                                                    offset.partition);
    entry->offset = offset.next_offset;
    if (offset.metadata.empty()) continue;
    // librdkafka frees this with free(), and sends it as text that ends at the first zero byte.
    entry->metadata = std::calloc(offset.metadata.size() + 1, 1);
    std::memcpy(entry->metadata, offset.metadata.data(), offset.metadata.size());
    entry->metadata_size = offset.metadata.size();
  }
  return list;
}

}  // namespace tocsin
