// What a KafkaReader does, on librdkafka's types. Internal to this folder.
//
// librdkafka fetches into one data queue; rebalances and errors come by the group queue. A
// rebalance is remembered by its callback and reported by `poll`, outside of librdkafka's calls, so
// that the sink may call back into the reader. librdkafka learns of an assignment only in the
// `poll` after it was reported: partitions that have been started by then are assigned with their
// offset, the others are paused, and sought when they are started.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/kafka/client.h"
#include "pipeline/kafka/reader_partitions.h"
#include "pipeline/kafka/wake_up.h"
#include "pipeline/log/log.h"

namespace tocsin {

/// A rebalance, as librdkafka's callback left it for the next `poll`.
struct GroupEvent {
  bool is_assignment = false;
  std::vector<std::pair<std::string, std::int32_t>> places;
};

/// The headers of one record, reused from record to record.
class HeaderViews {
 public:
  std::span<const HeaderView> of(const rd_kafka_message_t& message);

 private:
  std::vector<HeaderView> views_;
};

/// Threads: one.
class GroupMember {
 public:
  GroupMember(KafkaLog log, KafkaHealth& health) {
    context_.log = std::move(log);
    context_.health = &health;
    context_.owner = this;
  }
  ~GroupMember();
  GroupMember(const GroupMember&) = delete;
  GroupMember& operator=(const GroupMember&) = delete;

  Result<void> open(const KafkaSettings& settings);
  Result<std::size_t> poll(ReadSink& sink, std::size_t records_max);
  Result<void> start(PartitionHandle handle, std::int64_t offset);
  void pause(std::span<const PartitionHandle> handles);
  void resume(std::span<const PartitionHandle> handles);
  void release();
  void close();
  void wait(std::chrono::milliseconds patience);
  Result<rd_kafka_t*> asking_client();
  /// The next `poll` says that it cannot go on, and why.
  void give_up(const std::string& reason) { context_.dead = reason; }
  WakeUp& wake_up() { return wake_up_; }
  const ReaderPartition* find(PartitionHandle handle) const { return partitions_.find(handle); }
  rd_kafka_t* client() const { return client_.get(); }
  const std::string& group() const { return settings_.app; }

 private:
  static void on_rebalance(rd_kafka_t* client, rd_kafka_resp_err_t code,
                           rd_kafka_topic_partition_list_t* list, void* opaque);
  static void on_message(rd_kafka_message_t* message, void* opaque);

  void route(const rd_kafka_topic_partition_list_t& list);
  void serve_group();
  void report(const GroupEvent& event);
  Result<void> apply_assignment();
  void seek();
  void hold();
  void deliver(const rd_kafka_message_t& message);
  void note_error(const rd_kafka_message_t& message);
  Result<void> alive() const;
  void leave();

  ClientContext context_;
  KafkaSettings settings_;
  WakeUp wake_up_;
  RdPtr<rd_kafka_t> client_;
  RdPtr<rd_kafka_queue_t> group_queue_;  // Rebalances, errors, statistics.
  RdPtr<rd_kafka_queue_t> data_queue_;   // Records of all partitions.
  RdPtr<rd_kafka_t> asking_client_;      // Made when first needed.

  ReaderPartitions partitions_;
  std::optional<GroupEvent> event_;
  bool is_unapplied_ = false;  // An assignment was reported and librdkafka not yet told.
  bool is_release_owed_ = false;
  bool is_closing_ = false;
  bool has_more_ = false;  // Something may be reported without waiting.
  std::vector<PartitionHandle> to_seek_;
  std::vector<PartitionHandle> to_hold_;
  HeaderViews headers_;

  // Of the poll that runs.
  ReadSink* sink_ = nullptr;
  std::size_t records_ = 0;
  std::size_t records_max_ = 0;
};

}  // namespace tocsin
