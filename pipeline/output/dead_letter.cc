#include "pipeline/output/dead_letter.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <span>

#include "pipeline/output/output_topic.h"

namespace tocsin {
namespace {

std::string_view keep_number(OutputArena& arena, std::int64_t number) {
  char digits[24];
  const char* end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  return arena.keep({digits, static_cast<std::size_t>(end - digits)});
}

}  // namespace

WriteRecord DeadLetterWriter::write(const Source& source, const Batch& batch, std::size_t row,
                                    OutputArena& arena) {
  const Row& rejected = batch.rows[row];
  headers_.clear();
  batch.headers_of(row, headers_);
  for (HeaderView& header : headers_) {
    header.name = arena.keep(header.name);
    if (header.value) header.value = arena.keep(*header.value);
  }
  const auto add = [&](std::string_view name, std::string_view value) {
    headers_.push_back({.name = name, .value = value});
  };
  add(dead_letter_header::kReason, name_of(rejected.reject));
  if (rejected.detail.length > 0) {
    add(dead_letter_header::kDetail, arena.keep(batch.view(rejected.detail)));
  }
  add(dead_letter_header::kStream, arena.keep(source.stream));
  add(dead_letter_header::kTopic, arena.keep(source.topic));
  add(dead_letter_header::kPartition, keep_number(arena, source.partition));
  add(dead_letter_header::kOffset, keep_number(arena, source.offset));
  if (rejected.timestamp_ms >= 0) {
    add(dead_letter_header::kTimestamp, keep_number(arena, rejected.timestamp_ms));
  }
  add(dead_letter_header::kConfig, arena.keep(config_hash_));

  const std::span<HeaderView> headers = arena.make_headers(headers_.size());
  std::copy(headers_.begin(), headers_.end(), headers.begin());
  WriteRecord record{.topic = index_of(OutputTopic::dead_letters)};
  if (rejected.has_key) record.key = arena.keep(batch.view(rejected.key));
  record.value = arena.keep(batch.view(rejected.value));
  record.headers = headers;
  return record;
}

}  // namespace tocsin
