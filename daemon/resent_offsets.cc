#include "daemon/resent_offsets.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <system_error>

namespace tocsin {
namespace {

constexpr std::string_view kFormat = "tocsin-resent1";

/// The number before `end`, which is cut off with it; negative: there is none.
std::int64_t take_number(std::string_view& text, char end) {
  const std::size_t length = std::min(text.find(end), text.size());
  const std::string_view word = text.substr(0, length);
  text.remove_prefix(std::min(length + 1, text.size()));
  std::int64_t number = -1;
  const auto read = std::from_chars(word.data(), word.data() + word.size(), number);
  return read.ec == std::errc() && read.ptr == word.data() + word.size() ? number : -1;
}

}  // namespace

std::optional<ResentOffsets> ResentOffsets::parse(std::string_view text) {
  if (!text.starts_with(kFormat)) return std::nullopt;
  text.remove_prefix(kFormat.size());
  ResentOffsets offsets;
  std::int64_t last = -1;
  while (!text.empty()) {
    if (text.front() != ' ') return std::nullopt;
    text.remove_prefix(1);
    std::string_view range = text.substr(0, text.find(' '));
    text.remove_prefix(range.size());
    const std::int64_t gap = take_number(range, '+');
    const std::int64_t more = take_number(range, '+');
    if (gap < 1 || more < 0 || gap > INT64_MAX / 4 || more > INT64_MAX / 4) return std::nullopt;
    if (last > INT64_MAX / 4) return std::nullopt;
    offsets.ranges_[last + gap] = last + gap + more;
    last += gap + more;
  }
  return offsets;
}

std::string ResentOffsets::text() const {
  std::string text(kFormat);
  std::int64_t last = -1;
  for (const auto& [first, end] : ranges_) {
    text += ' ' + std::to_string(first - last) + '+' + std::to_string(end - first);
    last = end;
  }
  return text;
}

bool ResentOffsets::contains(std::int64_t offset) const {
  const auto after = ranges_.upper_bound(offset);
  return after != ranges_.begin() && std::prev(after)->second >= offset;
}

void ResentOffsets::add(std::int64_t offset) {
  if (contains(offset)) return;
  ranges_[offset] = offset;
  if (contains(offset - 1)) join(offset - 1, offset);
  if (contains(offset + 1)) join(offset, offset + 1);
}

void ResentOffsets::join(std::int64_t left, std::int64_t right) {
  const auto of_left = std::prev(ranges_.upper_bound(left));
  const auto of_right = std::prev(ranges_.upper_bound(right));
  if (of_left == of_right) return;
  of_left->second = of_right->second;
  ranges_.erase(of_right);
}

void ResentOffsets::forget_before(std::int64_t offset) {
  while (!ranges_.empty() && ranges_.begin()->first < offset) {
    const std::int64_t last = ranges_.begin()->second;
    ranges_.erase(ranges_.begin());
    if (last >= offset) ranges_[offset] = last;
  }
}

}  // namespace tocsin
