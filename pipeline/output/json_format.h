// JSON, appended field by field.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "pipeline/output/byte_writer.h"
#include "pipeline/output/record_fields.h"

namespace tocsin {

/// Appends `text` as a JSON string: quotes, backslashes and control characters escaped, the rest
/// as it is. `text` is UTF-8.
void add_json_string(ByteWriter& out, std::string_view text);

/// Writes a record's fields as JSON. Has the same members as WireFormat, so that one description
/// of a record (record.h) makes both.
///
/// No empty objects: every message that is begun gets at least one field.
class JsonFormat {
 public:
  /// Where something that was begun began.
  using Mark = std::size_t;

  explicit JsonFormat(ByteWriter& out) : out_(&out) {}

  Mark begin_record() { return out_->size(); }
  void end_record(Mark mark) { close_object(mark); }

  void text(const RecordField& field, std::string_view value) {
    out_->add(field.key);
    add_json_string(*out_, value);
  }
  /// One of an enum's names, which need no escaping.
  void word(const RecordField& field, std::string_view name, int /*number*/) {
    out_->add(field.key);
    add_word(name);
  }
  void count(const RecordField& field, std::uint64_t value);
  void integer(const RecordField& field, std::int64_t value);
  void flag(const RecordField& field, bool value) {
    out_->add(field.key);
    out_->add(value ? std::string_view("true") : std::string_view("false"));
  }
  /// As many digits as it takes to read the same double again; nothing where not finite.
  void exact(const RecordField& field, std::optional<double> value);
  /// Rounded (rounding.h); nothing where not finite.
  void rounded(const RecordField& field, double value, unsigned decimals);
  void probability(const RecordField& field, double value);
  void time(const RecordField& field, std::int64_t time_ms);
  /// The original event, JSON itself, on one line.
  void event(const RecordField& field, std::string_view json);

  Mark begin_message(const RecordField& field) {
    out_->add(field.key);
    return out_->size();
  }
  void end_message(Mark mark) { close_object(mark); }

  void begin_list(const RecordField& field) {
    out_->add(field.key);
    out_->add('[');
  }
  Mark begin_item(const RecordField& /*field*/) { return out_->size(); }
  void end_item(Mark mark) {
    close_object(mark);
    out_->add(',');
  }
  void text_item(const RecordField& /*field*/, std::string_view value) {
    add_json_string(*out_, value);
    out_->add(',');
  }
  void end_list();

 private:
  void add_word(std::string_view name);
  void close_object(Mark mark) {
    (*out_)[mark] = '{';
    out_->add('}');
  }

  ByteWriter* out_;
};

}  // namespace tocsin
