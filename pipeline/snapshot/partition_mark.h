// The words left beside a committed offset: what state belongs to it.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "pipeline/snapshot/record_trail.h"

namespace tocsin {

/// One state record of a partition's chain.
struct ChainPlace {
  std::uint64_t number = 0;  ///< From 1; 0: none yet.
  std::uint64_t owner = 0;   ///< Instance that wrote it.
  friend bool operator==(const ChainPlace&, const ChainPlace&) = default;
};

/// A snapshot that is complete and committed, so that a restore may begin with it.
struct NamedSnapshot {
  std::uint64_t id = 0;  ///< Number of its start in the chain.
  std::uint64_t owner = 0;
  std::int64_t start_offset = 0;   ///< Of its start record in the state topic.
  std::int64_t oldest_offset = 0;  ///< First record in the state topic that a restore needs.
  std::int64_t input_offset = 0;   ///< First input record that is not in it.
  friend bool operator==(const NamedSnapshot&, const NamedSnapshot&) = default;
};

/// Where a partition's state stood when its offset was committed.
///
/// Text, ASCII, below 400 bytes (offset metadata stops at a zero byte, and the broker takes 4 KB):
/// `tocsin1 seq=… def=… cfg=… own=… from=… base=… num=N:OWNER snap=ID:OWNER:START:OLDEST:INPUT n=…
/// h=…`, and `gap=…` and `res=…` while there is one.
/// Readers take fields by name and skip those that they do not know.
struct PartitionMark {
  std::uint64_t sequence = 0;       ///< Records handled since the partition's state began.
  std::string definition;           ///< Definition hash of the stream.
  std::string configuration;        ///< Hash of the whole configuration.
  std::uint64_t owner = 0;          ///< Instance that committed.
  std::int64_t lineage_offset = 0;  ///< Input offset at which the state began with nothing.
  std::int64_t state_offset = 0;  ///< Where the state topic ended then: what is before is not ours.
  ChainPlace last;                ///< The last state record.
  std::optional<NamedSnapshot> snapshot;
  /// Input between the snapshot and this offset was gone: the state goes on with a gap, and then
  /// from here. Empty: it goes on from the snapshot, or there is a later one.
  std::optional<std::int64_t> resumed;
  RecordTrail since;  ///< Input records since all that.
  /// Input that the state should have seen was gone: records before this offset say so. 0: none do.
  std::int64_t gap_until = 0;

  void append_to(std::string& out) const;
  /// Empty where the text is not of this format, or lacks a field.
  static std::optional<PartitionMark> parse(std::string_view text);

  /// Where reading of input must begin to have this state again.
  std::int64_t replay_from() const {
    return resumed.value_or(snapshot ? snapshot->input_offset : lineage_offset);
  }
  friend bool operator==(const PartitionMark&, const PartitionMark&) = default;
};

/// What an operator's reset leaves beside an offset instead of a mark: whatever the state topic
/// holds, the state begins with nothing here.
inline constexpr std::string_view kNewLineageWords = "tocsin1 new-lineage";

}  // namespace tocsin
