// What must agree before a partition delivers, in the sentences of a start: for the start itself,
// and for whoever asks beforehand what it would say.

#pragma once

#include <cstdint>
#include <optional>

#include "detectors/result.h"
#include "pipeline/flow/flow_settings.h"
#include "pipeline/log/log.h"
#include "pipeline/snapshot/partition_mark.h"

namespace tocsin {

/// What the words beside a committed offset ask for.
struct CommittedWords {
  std::optional<PartitionMark> mark;  ///< The state that belongs to the offset; empty: none does.
  bool begins_lineage = false;        ///< An operator wants none, whatever there is.
};

/// Fails where the words are not ours.
Result<CommittedWords> read_words(const std::optional<CommittedOffset>& committed);

/// Where reading of the input begins, so that a partition comes to the state that its mark names.
struct InputStart {
  std::int64_t offset = 0;
  std::int64_t live_from = 0;  ///< What lies before was handled in an earlier life.
  /// Between the saved state and this offset input is gone: a gap, then from here on.
  std::optional<std::int64_t> resumed;
  /// Of that, so many records as the state should have seen and has not; newly found at this start.
  /// What expired before anybody read it is not missed.
  std::int64_t missing = 0;
  bool is_recreated = false;  ///< Offsets are those of another topic than before.
};
Result<InputStart> input_start(const CommittedOffset& committed,
                               const std::optional<PartitionMark>& mark, const Watermarks& input,
                               OnGap on_gap);

/// What has been replayed must be what was handled, record for record. `sequence` is the
/// partition's, afterwards.
Result<void> check_trail(const PartitionMark& mark, const RecordTrail& replayed,
                         std::uint64_t sequence);

}  // namespace tocsin
