// Protobuf's wire format, appended field by field.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "pipeline/output/byte_writer.h"
#include "pipeline/output/record_fields.h"

namespace tocsin {

/// Writes a record's fields in protobuf's wire format. Has the same members as JsonFormat, so
/// that one description of a record (record.h) makes both.
///
/// As proto3 has it: what has no presence is not written where it is zero or empty; numbers of
/// type double are all `optional` in the schema, and are written whatever they are.
class WireFormat {
 public:
  /// Where something that was begun began.
  using Mark = std::size_t;

  explicit WireFormat(ByteWriter& out) : out_(&out) {}

  Mark begin_record() { return 0; }
  void end_record(Mark /*mark*/) {}

  void text(const RecordField& field, std::string_view value) {
    if (!value.empty()) text_item(field, value);
  }
  void word(const RecordField& field, std::string_view /*name*/, int number) {
    count(field, static_cast<std::uint64_t>(number));
  }
  void count(const RecordField& field, std::uint64_t value);
  void integer(const RecordField& field, std::int64_t value) {
    count(field, static_cast<std::uint64_t>(value));
  }
  void flag(const RecordField& field, bool value);
  void exact(const RecordField& field, std::optional<double> value);
  void rounded(const RecordField& field, double value, unsigned decimals);
  void probability(const RecordField& field, double value);
  void time(const RecordField& field, std::int64_t time_ms);
  void event(const RecordField& field, std::string_view json) { text(field, json); }

  Mark begin_message(const RecordField& field);
  void end_message(Mark mark);

  void begin_list(const RecordField& /*field*/) {}
  Mark begin_item(const RecordField& field) { return begin_message(field); }
  void end_item(Mark mark) { end_message(mark); }
  void text_item(const RecordField& field, std::string_view value);
  void end_list() {}

 private:
  ByteWriter* out_;
};

}  // namespace tocsin
