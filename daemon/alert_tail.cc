#include "daemon/alert_tail.h"

#include <utility>

#include "pipeline/kafka/kafka_reader.h"
#include "pipeline/kafka/kafka_settings.h"

namespace tocsin {

Result<std::unique_ptr<AlertTail>> AlertTail::begin(const std::string& bootstrap,
                                                    const std::string& topic, KafkaLog log,
                                                    Take take) {
  KafkaSettings settings{.app = "tocsin-demo-display", .brokers = {bootstrap}};
  settings.topics = {topic};
  std::unique_ptr<AlertTail> tail(new AlertTail(std::move(take)));
  auto reader = KafkaReader::make(settings, std::move(log), tail->health_);
  if (!reader) return reader.error();
  tail->reader_ = *std::move(reader);
  return tail;
}

AlertTail::AlertTail(Take take) : take_(std::move(take)) {}

AlertTail::~AlertTail() {
  if (reader_) reader_->close();
}

Result<void> AlertTail::poll(std::chrono::milliseconds patience) {
  constexpr std::size_t kRecordsMax = 100;
  const auto taken = reader_->poll(*this, kRecordsMax);
  if (!taken) return taken.error();
  for (const PartitionHandle partition : std::exchange(to_start_, {})) {
    if (auto started = reader_->start(partition, 0); !started) return started;
  }
  if (*taken == 0) reader_->wait(patience);
  return {};
}

void AlertTail::assigned(std::span<const Assignment> partitions, GenerationRef /*generation*/) {
  for (const Assignment& partition : partitions) to_start_.push_back(partition.handle);
}

void AlertTail::revoked(std::span<const PartitionHandle> /*partitions*/, Revocation /*why*/) {
  to_start_.clear();
  reader_->release();
}

void AlertTail::record(const ReadRecord& record) {
  if (record.value) take_(*record.value);
}

void AlertTail::end_of_partition(PartitionHandle /*partition*/, std::int64_t /*next_offset*/) {}

}  // namespace tocsin
