#include "pipeline/kafka/kafka_generation.h"

#include <cstdlib>

namespace tocsin {

std::string KafkaGeneration::bytes_of(const rd_kafka_consumer_group_metadata_t* metadata) {
  if (metadata == nullptr) return {};
  void* bytes = nullptr;
  std::size_t size = 0;
  const RdPtr<rd_kafka_error_t> error(
      rd_kafka_consumer_group_metadata_write(metadata, &bytes, &size));
  if (error) return {};
  std::string copy(static_cast<const char*>(bytes), size);
  rd_kafka_mem_free(nullptr, bytes);
  return copy;
}

}  // namespace tocsin
