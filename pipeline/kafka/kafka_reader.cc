#include "pipeline/kafka/kafka_reader.h"

#include <chrono>
#include <string>
#include <utility>

#include "pipeline/kafka/client.h"
#include "pipeline/kafka/group_member.h"
#include "pipeline/kafka/group_requests.h"
#include "pipeline/kafka/offset_queries.h"

namespace tocsin {

KafkaReader::KafkaReader(std::unique_ptr<GroupMember> member) : member_(std::move(member)) {}
KafkaReader::~KafkaReader() = default;

Result<std::unique_ptr<KafkaReader>> KafkaReader::make(const KafkaSettings& settings, KafkaLog log,
                                                       KafkaHealth& health) {
  auto member = std::make_unique<GroupMember>(std::move(log), health);
  if (auto opened = member->open(settings); !opened) return opened.error();
  return std::unique_ptr<KafkaReader>(new KafkaReader(std::move(member)));
}

Result<std::size_t> KafkaReader::poll(ReadSink& sink, std::size_t records_max) {
  return member_->poll(sink, records_max);
}
Result<void> KafkaReader::start(PartitionHandle partition, std::int64_t offset) {
  return member_->start(partition, offset);
}
void KafkaReader::pause(std::span<const PartitionHandle> partitions) { member_->pause(partitions); }
void KafkaReader::resume(std::span<const PartitionHandle> partitions) {
  member_->resume(partitions);
}
void KafkaReader::release() { member_->release(); }
void KafkaReader::wait(std::chrono::milliseconds patience) { member_->wait(patience); }
void KafkaReader::close() { member_->close(); }
rd_kafka_s* KafkaReader::client() const { return member_->client(); }
GroupMember& KafkaReader::member() const { return *member_; }

Result<std::optional<CommittedOffset>> KafkaReader::committed(PartitionHandle partition) {
  const ReaderPartition* found = member_->find(partition);
  if (found == nullptr) return Error{"the partition is no longer assigned"};
  auto asked = ask_committed(client(), {.topic = found->topic, .partition = found->partition});
  if (asked.answer) return *std::move(asked.answer);
  if (asked.is_forbidden) member_->give_up(asked.reason);
  return Error{std::move(asked.reason)};
}

Result<Watermarks> KafkaReader::watermarks(PartitionHandle partition) {
  const ReaderPartition* found = member_->find(partition);
  if (found == nullptr) return Error{"the partition is no longer assigned"};
  auto asking = member_->asking_client();
  if (!asking) return asking.error();
  auto asked = ask_watermarks(*asking, {.topic = found->topic, .partition = found->partition});
  if (asked.answer) return *asked.answer;
  if (asked.is_forbidden) member_->give_up(asked.reason);
  return Error{std::move(asked.reason)};
}

Result<bool> KafkaReader::is_member() {
  constexpr auto kPatience = std::chrono::milliseconds(1000);
  char* const id = rd_kafka_memberid(client());
  const std::string name = id == nullptr ? "" : id;
  rd_kafka_mem_free(client(), id);
  if (name.empty()) return false;
  auto asked = ask_is_member(client(), {.group = member_->group(), .member = name}, kPatience);
  if (asked.answer) return *asked.answer;
  if (asked.is_forbidden) member_->give_up(asked.reason);
  return Error{std::move(asked.reason)};
}

std::optional<std::int64_t> KafkaReader::last_high(PartitionHandle partition) const {
  const ReaderPartition* found = member_->find(partition);
  std::int64_t low = 0;
  std::int64_t high = -1;
  if (found == nullptr ||
      rd_kafka_get_watermark_offsets(client(), found->topic.c_str(), found->partition, &low,
                                     &high) != RD_KAFKA_RESP_ERR_NO_ERROR ||
      high < 0) {
    return std::nullopt;
  }
  return high;
}

}  // namespace tocsin
