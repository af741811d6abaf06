// The words left beside a committed offset: what state belongs to it.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tocsin {

/// Where a partition's state stood when its offset was committed.
///
/// Text, ASCII (offset metadata stops at a zero byte): `tocsin1 seq=<records> def=<16 hex>`.
/// Readers take fields by name and skip those they do not know, so snapshots can add theirs.
struct PartitionMark {
  std::uint64_t sequence = 0;  ///< Records handled since the partition's state began.
  std::string_view
      definition;  ///< Definition hash of the stream; after `parse`, a view into the text.

  void append_to(std::string& out) const;
  /// Empty where the text is not of this format.
  static std::optional<PartitionMark> parse(std::string_view text);
};

}  // namespace tocsin
