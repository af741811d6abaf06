// Which dead letters of a partition have been put back, in words beside an offset.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace tocsin {

/// A set of offsets, as ranges.
///
/// As text `tocsin-resent1 GAP+MORE GAP+MORE …`: each range begins GAP after the last offset of the
/// one before (the first: after -1), and has MORE offsets beside its first.
class ResentOffsets {
 public:
  /// Empty where the text is not of this format.
  static std::optional<ResentOffsets> parse(std::string_view text);
  std::string text() const;

  bool contains(std::int64_t offset) const;
  void add(std::int64_t offset);
  /// Between these two, both in the set, lies no record: only what transactions leave behind. So
  /// that what is full needs one range, however it was written.
  void join(std::int64_t left, std::int64_t right);
  /// Nothing before is there any more.
  void forget_before(std::int64_t offset);

  /// One past the last; 0: there is none.
  std::int64_t end() const { return ranges_.empty() ? 0 : ranges_.rbegin()->second + 1; }
  bool is_empty() const { return ranges_.empty(); }

 private:
  std::map<std::int64_t, std::int64_t> ranges_;  // First to last, apart from one another.
};

}  // namespace tocsin
