// Dead letters as they lie in Kafka: read, chosen, and which of them have been put back.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "daemon/config/config.h"
#include "daemon/resent_offsets.h"
#include "detectors/result.h"
#include "pipeline/kafka/kafka_admin.h"
#include "pipeline/kafka/kafka_group.h"
#include "pipeline/kafka/kafka_health.h"
#include "pipeline/kafka/kafka_scan.h"
#include "pipeline/kafka/topic_partition.h"

namespace tocsin {

/// Where a dead letter lies in its topic.
struct DeadLetterPlace {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  // NOLINTNEXTLINE(modernize-use-nullptr): it is about the 0 that `<` is compared with.
  friend auto operator<=>(const DeadLetterPlace&, const DeadLetterPlace&) = default;
};

/// A dead letter, and what its headers say of the record that it was.
struct DeadLetter {
  DeadLetterPlace place;
  std::int64_t before = -1;  ///< Offset of the record read before it; -1: it was the first.
  std::int64_t written_ms = -1;
  std::string reason;
  std::string detail;
  std::string stream;
  TopicPartition source;
  std::int64_t source_offset = -1;
  std::optional<std::int64_t> source_time_ms;
  std::string resent;          ///< The dead letter that it was before it was put back; empty: none.
  bool is_substitute = false;  ///< The broker refused it: its value is gone.
  bool is_ours = false;        ///< Its headers say where it came from.
  std::optional<std::string> key;
  std::string value;
  /// The record's own, ours stripped.
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;

  static DeadLetter of(const ReadRecord& record);
};

/// Which of them; empty: all.
struct DeadLetterFilter {
  std::set<std::string> reasons;
  std::string stream;
  std::optional<std::int32_t> partition;  ///< Of the dead-letter topic.
  std::optional<StartPoint> since;        ///< Written then or later.
  std::set<DeadLetterPlace> places;

  bool takes(const DeadLetter& letter) const;
};

/// A dead-letter topic, and the group `<app>-resend`, whose words say what has been put back.
///
/// Threads: one. Every question waits for the brokers, for some seconds at most.
class DeadLetterTopic {
 public:
  static constexpr std::chrono::milliseconds kPatience{20'000};

  /// Fails where the topic does not exist, or no broker answers.
  static Result<std::unique_ptr<DeadLetterTopic>> open(const Config& config);

  using Wanted = KafkaScan::Wanted;
  /// Each dead letter that the filter takes, by partition and offset, and whether it has been put
  /// back.
  using Take = std::function<Wanted(DeadLetter&&, bool is_resent)>;
  Result<void> read(const DeadLetterFilter& filter, const Take& take);
  /// Asks anew which have been put back.
  Result<void> ask_what_is_resent();

  const std::string& name() const { return name_; }
  std::int32_t partitions() const { return partitions_; }
  ResentOffsets& resent(std::int32_t partition) {
    return resent_[static_cast<std::size_t>(partition)];
  }
  KafkaGroup& group() { return *group_; }
  KafkaAdmin& admin() { return *admin_; }
  KafkaHealth& health() { return health_; }

 private:
  DeadLetterTopic() = default;
  Result<std::vector<std::pair<std::int64_t, std::int64_t>>> ranges(const DeadLetterFilter& filter);

  std::string name_;
  std::int32_t partitions_ = 0;
  KafkaHealth health_;
  std::unique_ptr<KafkaAdmin> admin_;
  std::unique_ptr<KafkaGroup> group_;
  std::unique_ptr<KafkaScan> scan_;
  std::vector<ResentOffsets> resent_;  // [partitions]
};

/// Settings of the one who puts records back: group and transactional id are `<app>-resend`.
KafkaSettings resend_settings(const Config& config);

}  // namespace tocsin
