#include "pipeline/flow/start_rules.h"

#include <algorithm>
#include <string>

namespace tocsin {

Result<CommittedWords> read_words(const std::optional<CommittedOffset>& committed) {
  CommittedWords words;
  if (!committed || committed->metadata.empty()) return words;
  words.begins_lineage = committed->metadata == kNewLineageWords;
  words.mark = PartitionMark::parse(committed->metadata);
  if (words.mark || words.begins_lineage) return words;
  return Error{"the group's offset carries metadata that is not ours, \"" + committed->metadata +
               "\"; `tocsin state reset` begins a new lineage"};
}

namespace {

/// With the state as it was saved: what came since is gone with the old topic, and so is what was
/// still to come.
InputStart start_of_recreated(const CommittedOffset& committed,
                              const std::optional<PartitionMark>& mark, const Watermarks& input) {
  InputStart start{.offset = input.low, .live_from = input.low, .is_recreated = true};
  if (!mark) return start;
  start.resumed = input.low;
  start.missing = static_cast<std::int64_t>(mark->since.count) +
                  std::max<std::int64_t>(mark->gap_until - committed.offset, 0);
  return start;
}

}  // namespace

Result<InputStart> input_start(const CommittedOffset& committed,
                               const std::optional<PartitionMark>& mark, const Watermarks& input,
                               OnGap on_gap) {
  const std::int64_t offset = committed.offset;
  if (offset > input.high && on_gap == OnGap::proceed)
    return start_of_recreated(committed, mark, input);
  if (offset > input.high)
    return Error{"the group's offset " + std::to_string(offset) +
                 " lies beyond the end of the partition, " + std::to_string(input.high) +
                 ": the topic was recreated; `state: {on_gap: proceed}` goes on with what was "
                 "learned, at its first record; `tocsin state reset` begins a new lineage"};
  const std::int64_t live_from = std::max(input.low, offset);
  if (!mark) return InputStart{.offset = live_from, .live_from = live_from};
  const std::int64_t from = mark->replay_from();
  if (from >= input.low)
    return InputStart{.offset = from, .live_from = live_from, .resumed = mark->resumed};
  InputStart after_gap{.offset = input.low, .live_from = live_from, .resumed = input.low};
  if (from >= offset) return after_gap;  // It expired unread: nobody needs it.
  if (on_gap == OnGap::proceed) {
    after_gap.missing = std::min(input.low, offset) - from;
    return after_gap;
  }
  return Error{"the state at offset " + std::to_string(offset) + " is made from input since " +
               std::to_string(from) + ", but records before " + std::to_string(input.low) +
               " are gone; `state: {on_gap: proceed}` goes on without them"};
}

Result<void> check_trail(const PartitionMark& mark, const RecordTrail& replayed,
                         std::uint64_t sequence) {
  if (replayed == mark.since && sequence == mark.sequence) return {};
  return Error{"since its snapshot the partition had " + std::to_string(mark.since.count) +
               " records, and now has " + std::to_string(replayed.count) +
               " in their place, or others: the input was compacted or made anew; `state: "
               "{on_gap: proceed}` goes on with what there is"};
}

}  // namespace tocsin
