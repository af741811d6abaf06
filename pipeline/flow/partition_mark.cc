#include "pipeline/flow/partition_mark.h"

#include <charconv>

namespace tocsin {
namespace {

constexpr std::string_view kFormat = "tocsin1";

}  // namespace

void PartitionMark::append_to(std::string& out) const {
  out += kFormat;
  out += " seq=";
  out += std::to_string(sequence);
  out += " def=";
  out += definition;
}

std::optional<PartitionMark> PartitionMark::parse(std::string_view text) {
  PartitionMark mark;
  bool has_format = false;
  bool has_sequence = false;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word == kFormat) has_format = true;
    if (word.starts_with("def=")) mark.definition = word.substr(4);
    if (word.starts_with("seq=")) {
      const auto parsed =
          std::from_chars(word.data() + 4, word.data() + word.size(), mark.sequence);
      has_sequence = parsed.ec == std::errc() && parsed.ptr == word.data() + word.size();
    }
  }
  if (!has_format || !has_sequence) return std::nullopt;
  return mark;
}

}  // namespace tocsin
