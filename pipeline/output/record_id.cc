#include "pipeline/output/record_id.h"

#include <charconv>

#include "pipeline/output/dead_letter.h"

namespace tocsin {
namespace {

template <class Number>
bool read_number(std::string_view text, Number& number) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  return !text.empty() && read.ec == std::errc() && read.ptr == text.data() + text.size();
}

/// Takes what is behind the last slash off the end of `text`.
std::string_view take_last(std::string_view& text) {
  const std::size_t slash = text.rfind('/');
  if (slash == std::string_view::npos) return {};
  const std::string_view last = text.substr(slash + 1);
  text = text.substr(0, slash);
  return last;
}

/// stream "/" topic "/" partition "/" offset, and for an alert "/alert/" ordinal. Read from the
/// end: topics have no slashes, streams may.
std::optional<InputPlace> place_in(std::string_view id) {
  constexpr std::string_view kAlert = "alert";
  InputPlace place;
  std::string_view rest = id;
  std::string_view last = take_last(rest);
  std::string_view before = rest;
  if (take_last(before) == kAlert) {
    std::uint32_t ordinal = 0;
    if (!read_number(last, ordinal)) return std::nullopt;
    rest = before;
    last = take_last(rest);
  }
  if (!read_number(last, place.offset)) return std::nullopt;
  if (!read_number(take_last(rest), place.partition)) return std::nullopt;
  place.topic = take_last(rest);
  if (place.topic.empty()) return std::nullopt;
  return place;
}

std::optional<InputPlace> place_in(std::span<const HeaderView> headers) {
  InputPlace place;
  bool has_partition = false;
  bool has_offset = false;
  // Ours come last: a dead letter that is rejected once more has two of each.
  for (const HeaderView& header : headers) {
    if (!header.value) continue;
    if (header.name == dead_letter_header::kTopic) place.topic = *header.value;
    if (header.name == dead_letter_header::kPartition)
      has_partition = read_number(*header.value, place.partition);
    if (header.name == dead_letter_header::kOffset)
      has_offset = read_number(*header.value, place.offset);
  }
  if (place.topic.empty() || !has_partition || !has_offset) return std::nullopt;
  return place;
}

}  // namespace

std::string_view wire_id(std::string_view value) {
  // Tag, length (ids are shorter than 16 KB), bytes.
  if (value.size() < 3 || value[0] != 0x0A) return {};
  auto length = static_cast<std::size_t>(static_cast<unsigned char>(value[1]));
  std::size_t begin = 2;
  if (length >= 0x80) {
    length = (length & 0x7FU) | static_cast<std::size_t>(static_cast<unsigned char>(value[2]))
                                    << 7U;
    begin = 3;
  }
  return value.substr(begin, length);
}

std::string_view json_id(std::string_view value) {
  constexpr std::string_view kBefore = "{\"id\":\"";
  if (!value.starts_with(kBefore)) return {};
  std::size_t end = kBefore.size();
  while (end < value.size() && value[end] != '"') end += value[end] == '\\' ? 2U : 1U;
  return value.substr(kBefore.size(), end - kBefore.size());
}

std::optional<InputPlace> input_place_of(const WriteRecord& record) {
  if (const auto place = place_in(record.headers)) return place;
  const std::string_view json = json_id(record.value);
  return place_in(json.empty() ? wire_id(record.value) : json);
}

}  // namespace tocsin
