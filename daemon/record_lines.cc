#include "daemon/record_lines.h"

#include <optional>

#include "pipeline/input/base64.h"
#include "pipeline/input/json_text.h"
#include "pipeline/output/record_id.h"

namespace tocsin {

void add_bytes(JsonObject& object, const std::string& name,
               const std::optional<std::string_view>& bytes) {
  if (!bytes) {
    object.add_raw(name, "null");
  } else if (is_utf8(*bytes)) {
    std::string text;
    append_json_string(text, *bytes);
    object.add_raw(name, text);
  } else {
    std::string text;
    append_base64(text, *bytes);
    object.add(name + "_base64", text);
  }
}

std::string headers_json(std::span<const HeaderView> headers) {
  std::string json = "[";
  for (const HeaderView& header : headers) {
    JsonObject one;
    add_bytes(one, "name", header.name);
    add_bytes(one, "value", header.value);
    json += (json.size() > 1 ? "," : "") + one.text();
  }
  return json + "]";
}

void append_record_line(std::string& out, std::string_view topic, const WriteRecord& record) {
  JsonObject line;
  line.add("topic", topic);
  if (const auto place = input_place_of(record)) {
    line.add("source_topic", place->topic);
    line.add("source_partition", place->partition);
    line.add("source_offset", place->offset);
  }
  add_bytes(line, "key", record.key);
  add_bytes(line, "value", record.value);
  line.add_raw("headers", headers_json(record.headers));
  out += line.text();
}

WriteOutcome RecordLines::begin() {
  for (auto& lines : lines_) lines.clear();
  return {};
}

std::size_t RecordLines::produce(std::span<const WriteRecord> records) {
  for (const WriteRecord& record : records) {
    // What has a topic of its own name is state, which ends with this process.
    if (!record.topic_name.empty() || outputs_[record.topic].file == nullptr) continue;
    append_record_line(lines_[record.topic].emplace_back(), outputs_[record.topic].topic, record);
  }
  return records.size();
}

WriteOutcome RecordLines::commit() {
  for (std::size_t o = 0; o < outputs_.size(); ++o) {
    if (outputs_[o].file == nullptr) continue;
    for (const std::string& line : lines_[o]) outputs_[o].file->write(line);
    if (const auto written = outputs_[o].file->check(); !written)
      return {WriteStatus::stop, written.error().message};
  }
  return begin();
}

}  // namespace tocsin
