// All that some topics hold now, read without being anybody.

#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "pipeline/kafka/kafka_health.h"
#include "pipeline/kafka/kafka_settings.h"
#include "pipeline/kafka/topic_partition.h"
#include "pipeline/log/log.h"

namespace tocsin {

/// The committed records of topics, from the earliest retained one to the end as of `open`, with
/// their true offsets: markers and aborted records leave gaps, as for any read-committed reader.
///
/// In no group: nobody is rebalanced, nothing is committed, and nothing is known to be committed,
/// so that every partition begins at its earliest record.
///
/// Threads: one, as LogReader says; `is_at_end` and `progress` from any.
class KafkaHistory final : public LogReader {
 public:
  /// Looks for `settings.topics` and asks for the partitions' ends, which takes some seconds at
  /// most. An end is the last stable offset: what an open transaction holds back is not read.
  /// `health` outlives the reader.
  static Result<std::unique_ptr<KafkaHistory>> open(const KafkaSettings& settings, KafkaLog log,
                                                    KafkaHealth& health);
  /// The same of these partitions, which exist, instead of whole topics.
  static Result<std::unique_ptr<KafkaHistory>> open(const KafkaSettings& settings,
                                                    std::span<const TopicPartition> partitions,
                                                    KafkaLog log, KafkaHealth& health);
  ~KafkaHistory() override;
  KafkaHistory(const KafkaHistory&) = delete;
  KafkaHistory& operator=(const KafkaHistory&) = delete;

  Result<std::size_t> poll(ReadSink& sink, std::size_t records_max) override;
  Result<void> start(PartitionHandle handle, std::int64_t offset) override;
  void pause(std::span<const PartitionHandle> handles) override;
  void resume(std::span<const PartitionHandle> handles) override;
  void release() override {}
  Result<std::optional<CommittedOffset>> committed(PartitionHandle handle) override;
  Result<Watermarks> watermarks(PartitionHandle handle) override;
  /// There is no group that somebody else could be in.
  Result<bool> is_member() override { return true; }
  std::optional<std::int64_t> last_high(PartitionHandle handle) const override;
  void wait(std::chrono::milliseconds patience) override;
  void close() override;

  /// Everything there is has been reported.
  bool is_at_end() const;

  /// In offsets, over all partitions.
  struct Progress {
    std::uint64_t done = 0;
    std::uint64_t total = 0;
  };
  Progress progress() const;

 private:
  struct Inside;
  explicit KafkaHistory(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

}  // namespace tocsin
