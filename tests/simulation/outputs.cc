#include "tests/simulation/outputs.h"

#include <string_view>

#include "pipeline/output/dead_letter.h"

namespace tocsin::simulation {
namespace {

/// Its length first, so that no two lists of parts read the same.
void append_part(std::string& out, const std::optional<std::string>& part) {
  if (part) {
    out += std::to_string(part->size());
    out += ':';
    out += *part;
  }
  out += '|';
}

}  // namespace

Source source_name(const std::string& topic, std::int32_t partition) {
  return topic + "/" + std::to_string(partition);
}

std::string text_of(const StoredRecord& record) {
  std::string text;
  append_part(text, record.key);
  append_part(text, record.value);
  for (const auto& [name, value] : record.headers) {
    append_part(text, name);
    append_part(text, value);
  }
  return text;
}

Source source_of(const StoredRecord& record) {
  Source source;
  for (const auto& [name, value] : record.headers) {
    if (name == dead_letter_header::kTopic) source = value.value_or("");
    if (name == dead_letter_header::kPartition) return source + "/" + value.value_or("");
  }
  // The id comes first: stream/topic/partition/offset…
  constexpr std::string_view kBefore = "{\"id\":\"";
  const std::string& value = record.value.value();
  if (!value.starts_with(kBefore)) return "a record without an id";
  const std::size_t topic = value.find('/', kBefore.size()) + 1;
  const std::size_t partition = value.find('/', topic) + 1;
  return value.substr(topic, value.find('/', partition) - topic);
}

}  // namespace tocsin::simulation
