#include "daemon/rejections.h"

#include <charconv>
#include <optional>

#include "daemon/json_text.h"
#include "pipeline/input/base64.h"
#include "pipeline/input/json_text.h"
#include "pipeline/output/dead_letter.h"

namespace tocsin {
namespace {

std::string_view header_of(const StoredRecord& record, std::string_view name) {
  for (const auto& [key, value] : record.headers)
    if (key == name && value) return *value;
  return {};
}

bool is_number(std::string_view header) {
  return header == dead_letter_header::kPartition || header == dead_letter_header::kOffset ||
         header == dead_letter_header::kTimestamp;
}

}  // namespace

std::string Rejections::take(const StoredRecord& dead_letter) {
  const std::string_view place = header_of(dead_letter, dead_letter_header::kOffset);
  std::int64_t offset = -1;
  std::from_chars(place.data(), place.data() + place.size(), offset);
  std::string detail(header_of(dead_letter, dead_letter_header::kDetail));
  if (const auto trouble = troubles_.find(offset); trouble != troubles_.end())
    detail = trouble->second;
  troubles_.erase(troubles_.begin(), troubles_.upper_bound(offset));
  const std::string_view reason = header_of(dead_letter, dead_letter_header::kReason);
  if (first_.find(reason) == first_.end())
    first_.emplace(reason, "row " + std::string(place) + (detail.empty() ? "" : ": " + detail));
  return detail;
}

std::string rejection_line(const StoredRecord& dead_letter, std::string_view detail) {
  JsonObject line;
  for (const auto& [name, value] : dead_letter.headers) {
    if (!value || !name.starts_with(dead_letter_header::kPrefix)) continue;
    const std::string_view member =
        std::string_view(name).substr(dead_letter_header::kPrefix.size());
    if (is_number(name))
      line.add_raw(member, *value);
    else
      line.add(member, name == dead_letter_header::kDetail ? detail : std::string_view(*value));
  }
  const std::string& bytes = *dead_letter.value;
  if (is_utf8(bytes)) {
    line.add("value", bytes);
  } else {
    std::string text;
    append_base64(text, bytes);
    line.add("value_base64", text);
  }
  return line.text();
}

std::string_view Rejections::first(std::string_view reason) const {
  const auto found = first_.find(reason);
  return found == first_.end() ? std::string_view() : std::string_view(found->second);
}

}  // namespace tocsin
