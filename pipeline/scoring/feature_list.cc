#include "pipeline/scoring/feature_list.h"

#include <algorithm>

#include "pipeline/scoring/block_view.h"

namespace tocsin {

std::size_t FeatureList::block_bytes(std::size_t features_max) {
  return sizeof(Header) + features_max * sizeof(Entry);
}

void FeatureList::discover(std::size_t column, std::string_view path) {
  if (path.starts_with('/')) path.remove_prefix(1);
  auto& entry = view<Entry>(block_, sizeof(Header) + column * sizeof(Entry));
  std::size_t length = std::min(path.size(), kNameMaxBytes);
  // Not in the middle of a character.
  while (length < path.size() && length > 0 &&
         (static_cast<unsigned char>(path[length]) & 0xC0U) == 0x80U) {
    --length;
  }
  entry = {.length = static_cast<std::uint32_t>(length), .name = {}};
  path.copy(entry.name.data(), length);
}

void FeatureList::freeze(std::uint64_t dropped) {
  view<Header>(block_) = {.dropped = dropped, .is_frozen = 1};
}

std::uint64_t FeatureList::dropped() const { return view<Header>(block_).dropped; }

std::string_view FeatureList::name(std::size_t column) const {
  const auto& entry = view<Entry>(block_, sizeof(Header) + column * sizeof(Entry));
  return {entry.name.data(), entry.length};
}

}  // namespace tocsin
