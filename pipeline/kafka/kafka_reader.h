// The log's reader on librdkafka: one member of a consumer group.

#pragma once

#include <memory>

#include "pipeline/kafka/kafka_health.h"
#include "pipeline/kafka/kafka_settings.h"
#include "pipeline/log/log.h"

struct rd_kafka_s;

namespace tocsin {

class GroupMember;

/// A member of the group named by `KafkaSettings::app`.
///
/// Records of all partitions wait in one queue of librdkafka's, bounded by
/// `KafkaSettings::fetch_queue_bytes`; group events have a queue of their own, so the group is
/// served while records wait. Pausing every partition costs nothing and keeps what is queued;
/// pausing some of them makes librdkafka fetch their queued records again on `resume`.
///
/// Threads: one, as LogReader says.
class KafkaReader final : public LogReader {
 public:
  /// Subscribes. `health` outlives the reader. Brokers need not be reachable yet.
  static Result<std::unique_ptr<KafkaReader>> make(const KafkaSettings& settings, KafkaLog log,
                                                   KafkaHealth& health);
  ~KafkaReader() override;
  KafkaReader(const KafkaReader&) = delete;
  KafkaReader& operator=(const KafkaReader&) = delete;

  Result<std::size_t> poll(ReadSink& sink, std::size_t records_max) override;
  Result<void> start(PartitionHandle partition, std::int64_t offset) override;
  void pause(std::span<const PartitionHandle> partitions) override;
  void resume(std::span<const PartitionHandle> partitions) override;
  void release() override;
  /// Waits at most a second; while a predecessor's transaction is open, ask again.
  Result<std::optional<CommittedOffset>> committed(PartitionHandle partition) override;
  /// Asked by a read-uncommitted client: `high` counts open transactions in. Waits at most a
  /// second.
  Result<Watermarks> watermarks(PartitionHandle partition) override;
  /// Waits at most a second. A broker that cannot tell members (librdkafka's own) is believed to
  /// agree with the client.
  Result<bool> is_member() override;
  std::optional<std::int64_t> last_high(PartitionHandle partition) const override;
  void wait(std::chrono::milliseconds patience) override;
  void close() override;

  /// The librdkafka client, through which a writer without transactions commits.
  rd_kafka_s* client() const;
  /// For this folder: what a state log shares with the reader.
  GroupMember& member() const;

 private:
  explicit KafkaReader(std::unique_ptr<GroupMember> member);
  std::unique_ptr<GroupMember> member_;
};

}  // namespace tocsin
