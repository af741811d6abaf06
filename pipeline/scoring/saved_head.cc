#include "pipeline/scoring/saved_head.h"

#include <cstring>
#include <span>
#include <utility>

#include "pipeline/input/flat_bytes.h"
#include "pipeline/scoring/seal.h"

namespace tocsin {

namespace {

constexpr std::string_view kFormat = "tocsin cut 1\n";

std::string_view text_of(ConstState bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool take_header(FlatBytes& bytes, TableHeader& header) {
  const auto saved = bytes.text();
  if (!saved || saved->size() != sizeof header) return false;
  std::memcpy(&header, saved->data(), sizeof header);
  return true;
}

}  // namespace

Result<SavedHead> SavedHead::read(std::string_view bytes) {
  if (!bytes.starts_with(kFormat)) {
    return Error{"the head of the saved partition does not begin with `tocsin cut 1`"};
  }
  const auto content = unsealed(std::as_bytes(std::span(bytes)), 0);
  if (!content) {
    return Error{"the head of the saved partition is damaged: its seal does not match"};
  }
  FlatBytes rest(text_of(*content).substr(kFormat.size()));
  const auto definition = rest.text();
  const auto layout_text = rest.text();
  const auto shared = rest.text();
  auto layout = layout_text ? StateLayout::from(*layout_text) : std::nullopt;
  if (!definition || !layout || !shared || shared->size() != layout->shared_bytes) {
    return Error{"the head of the saved partition makes no sense: made by another program?"};
  }
  SavedHead head{
      .definition = *definition, .layout = *std::move(layout), .shared = *shared, .entities = {}};
  bool is_whole = take_header(rest, head.entities);
  for (std::uint64_t i = 0; is_whole && i < head.layout.tables; ++i) {
    is_whole = take_header(rest, head.groups.emplace_back());
  }
  if (!is_whole || !rest.is_at_end() || head.entities.payload_bytes != head.layout.payload_bytes) {
    return Error{"the head of the saved partition has no header for each of its tables"};
  }
  return head;
}

HeadWriter::HeadWriter(std::string_view definition, std::string_view layout, ConstState shared)
    : head_(kFormat) {
  append_text(head_, definition);
  append_text(head_, layout);
  append_text(head_, text_of(shared));
}

void HeadWriter::add(const TableHeader& table) {
  append_text(head_, text_of(std::as_bytes(std::span(&table, 1))));
}

std::string HeadWriter::finish() {
  seal(head_, 0);
  return std::move(head_);
}

}  // namespace tocsin
