// Records of Kafka as lines of JSON, so that what was written can be kept and compared.

#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/json_text.h"
#include "daemon/line_file.h"
#include "pipeline/log/log.h"

namespace tocsin {

/// Appends one line, without its end, for a record of ours in `topic`:
///
///     {"topic": …, "source_topic": …, "source_partition": n, "source_offset": n,
///      "key": … or null, "value": …, "headers": [{"name": …, "value": … or null}, …]}
///
/// Bytes that are not UTF-8 stand in base64 in a member with another name: `key_base64`,
/// `value_base64`, `name_base64`. So two records are equal, byte for byte and header for header,
/// if and only if their lines are. The source is left out where the record does not tell one.
void append_record_line(std::string& out, std::string_view topic, const WriteRecord& record);

/// Adds bytes as they stand in such a line: as text, in base64 under another name, or null.
void add_bytes(JsonObject& object, const std::string& name,
               const std::optional<std::string_view>& bytes);
/// The value of `headers` in such a line.
std::string headers_json(std::span<const HeaderView> headers);

/// Writes each transaction's records to files when it is committed, in order.
///
/// For a pipeline that writes to no log: nothing can fail but the files, and offsets are forgotten.
/// Threads: one.
class RecordLines final : public LogWriter {
 public:
  /// One output: the topic that the lines name, and the file; null: not kept.
  struct Output {
    std::string topic;
    LineFile* file = nullptr;
  };
  /// By index, as WriteRecord::topic names them. The files outlive the writer.
  explicit RecordLines(std::array<Output, 3> outputs) : outputs_(std::move(outputs)) {}

  WriteOutcome open() override { return {}; }
  WriteOutcome begin() override;
  std::size_t produce(std::span<const WriteRecord> records) override;
  WriteOutcome flush() override { return {}; }
  std::span<const RefusedRecord> refused() const override { return {}; }
  std::span<const PlacedRecord> placed() const override { return {}; }
  WriteOutcome send_offsets(std::span<const OffsetToCommit>, const GenerationRef&) override {
    return {};
  }
  WriteOutcome commit() override;
  WriteOutcome abort() override { return begin(); }

 private:
  std::array<Output, 3> outputs_;
  std::array<std::vector<std::string>, 3> lines_;  // Of the open transaction.
};

}  // namespace tocsin
