// A rejected record as it goes to the dead-letter topic: its own bytes, and why it is there.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pipeline/input/batch.h"
#include "pipeline/log/log.h"
#include "pipeline/output/output_arena.h"
#include "pipeline/scoring/outcome.h"

namespace tocsin {

/// Names of the headers that are added behind the original ones.
namespace dead_letter_header {
inline constexpr std::string_view kPrefix = "tocsin.";
inline constexpr std::string_view kReason = "tocsin.reason";  ///< A name of kRejectReasonNames.
inline constexpr std::string_view kDetail = "tocsin.detail";  ///< What exactly, a sentence.
inline constexpr std::string_view kStream = "tocsin.stream";
inline constexpr std::string_view kTopic = "tocsin.topic";
inline constexpr std::string_view kPartition = "tocsin.partition";
inline constexpr std::string_view kOffset = "tocsin.offset";
inline constexpr std::string_view kTimestamp = "tocsin.timestamp";  ///< ms since 1970, if any.
inline constexpr std::string_view kConfig = "tocsin.config";        ///< Hash.

/// Of a record that was put back from there: `topic/partition/offset` of its dead letter. It stays
/// with the record, also where that becomes a dead letter again.
inline constexpr std::string_view kResent = "tocsin.resent";

// Of a substitute (substitute.h) only.
inline constexpr std::string_view kRefused = "tocsin.refused";  ///< Why the log refused it.
inline constexpr std::string_view kLength = "tocsin.length";    ///< Of the value, in bytes.
inline constexpr std::string_view kSha256 = "tocsin.sha256";    ///< Of the value, in hex.
}  // namespace dead_letter_header

/// Makes dead letters. Threads: one.
class DeadLetterWriter {
 public:
  explicit DeadLetterWriter(std::string config_hash) : config_hash_(std::move(config_hash)) {}

  /// The record for `row` of `batch`, all of it in `arena`: key, value and headers as they came,
  /// then the headers above.
  WriteRecord write(const Source& source, const Batch& batch, std::size_t row, OutputArena& arena);

 private:
  std::string config_hash_;
  std::vector<HeaderView> headers_;  // Reused memory.
};

}  // namespace tocsin
