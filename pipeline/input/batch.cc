#include "pipeline/input/batch.h"

#include <cassert>
#include <cstring>

namespace tocsin {

namespace {

// Packed headers: for each its name's length, its value's length plus one (0: no value), both in
// four bytes of this machine, then the bytes of both.
void append_length(std::string& text, std::size_t length) {
  const auto value = static_cast<std::uint32_t>(length);
  std::array<char, sizeof value> bytes{};
  std::memcpy(bytes.data(), &value, sizeof value);
  text.append(bytes.data(), bytes.size());
}

std::uint32_t take_length(std::string_view& packed) {
  std::uint32_t value = 0;
  assert(packed.size() >= sizeof value);
  std::memcpy(&value, packed.data(), sizeof value);
  packed.remove_prefix(sizeof value);
  return value;
}

std::string_view take_bytes(std::string_view& packed, std::size_t length) {
  const std::string_view bytes = packed.substr(0, length);
  packed.remove_prefix(length);
  return bytes;
}

}  // namespace

void Batch::reset(Kind new_kind, PartitionHandle new_partition, std::size_t new_width,
                  std::size_t new_group_width) {
  kind = new_kind;
  partition = new_partition;
  epoch = 0;
  is_silent = false;
  unknown_fields = 0;
  width = new_width;
  group_width = new_group_width;
  rows.clear();
  values.clear();
  groups.clear();
  discovered.clear();
  frozen.reset();
  text.clear();
  topic.clear();
  number = 0;
  stream = 0;
  start_offset = 0;
  resumed_at = -1;
  missing = 0;
  is_recreated = false;
  state_offset = 0;
  previous = 0;
  piece = Piece::head;
  raw_bytes = 0;
}

std::size_t Batch::add_row() {
  rows.emplace_back();
  values.resize(values.size() + width, 0.0);
  groups.resize(groups.size() + group_width);
  return rows.size() - 1;
}

TextRange Batch::add_text(std::string_view bytes) {
  const TextRange range{.begin = static_cast<std::uint32_t>(text.size()),
                        .length = static_cast<std::uint32_t>(bytes.size())};
  text.append(bytes);
  return range;
}

TextRange Batch::add_headers(std::span<const HeaderView> headers) {
  TextRange range{.begin = static_cast<std::uint32_t>(text.size()), .length = 0};
  for (const HeaderView& header : headers) {
    append_length(text, header.name.size());
    append_length(text, header.value ? header.value->size() + 1 : 0);
    text.append(header.name);
    if (header.value) text.append(*header.value);
  }
  range.length = static_cast<std::uint32_t>(text.size()) - range.begin;
  return range;
}

void Batch::headers_of(std::size_t row, std::vector<HeaderView>& out) const {
  std::string_view packed = view(rows[row].headers);
  while (!packed.empty()) {
    const std::size_t name_length = take_length(packed);
    const std::size_t value_length = take_length(packed);
    HeaderView header{.name = take_bytes(packed, name_length), .value = std::nullopt};
    if (value_length > 0) header.value = take_bytes(packed, value_length - 1);
    out.push_back(header);
  }
}

}  // namespace tocsin
