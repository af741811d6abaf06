// From an operator's words, `earliest`, `latest` or a time, to an offset in every partition.

#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "detectors/result.h"
#include "pipeline/kafka/kafka_admin.h"
#include "pipeline/kafka/kafka_group.h"
#include "pipeline/kafka/kafka_settings.h"

namespace tocsin {

/// `earliest`, `latest`, a time as RFC 3339 has it, or milliseconds since 1970.
Result<StartPoint> parse_start_point(std::string_view text);

/// The same in words, for logs and questions.
std::string text_of(const StartPoint& point);

/// All partitions of the topics of a look, in order.
std::vector<TopicPartition> partitions_of(const ClusterView& cluster);

/// Where a group that has committed nothing begins.
struct FirstStart {
  enum class Verdict : std::uint8_t {
    fine,
    try_again,  ///< The brokers did not tell, or not yet.
    refused,
  };
  Verdict verdict = Verdict::fine;
  std::string reason;  ///< Empty when fine.
  /// By topic and number, every partition that there is now.
  std::map<std::pair<std::string, std::int32_t>, std::int64_t> offsets;
};

/// Asks for the offset of `point` in every input partition; refused where the group has committed
/// any. Each of three questions waits at most `patience`.
FirstStart find_first_start(const KafkaSettings& settings, KafkaAdmin& admin, KafkaGroup& group,
                            const StartPoint& point, std::chrono::milliseconds patience);

}  // namespace tocsin
