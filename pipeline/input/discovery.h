// Finds the features of a stream that names none, one partition at a time.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/input/extraction_plan.h"
#include "pipeline/input/flat_bytes.h"
#include "pipeline/input/json_reader.h"

namespace tocsin {

/// Gives columns to numeric fields during the first records of a partition, then stops.
///
/// A column goes to a field that is a number in an object at any depth, not in an array, unless
/// the configuration uses the field for something else, its name speaks of an id or a time
/// (field_names.h), or its first value does: an integer beyond 2^53, or a moment within 400 days
/// of the event in s, ms, us or ns. Columns are given in the order of the records that bring
/// them, and within a record in the order of their paths.
/// After `kRecords` records columns are dropped that behaved as counters: integers, in every
/// event, each larger than the one before, in at least `kEventsMin` events; unless that would
/// leave none.
class Discovery final : public NumberSink {
 public:
  static constexpr std::uint64_t kRecords = 1000;
  static constexpr std::uint64_t kEventsMin = 32;

  struct Column {
    std::string path;  ///< JSON pointer.
    std::uint32_t slot = 0;
    bool is_dropped = false;
    bool is_counter = true;  ///< So far.
    double last = 0;
  };
  struct NewColumn {
    std::size_t column = 0;
    JsonToken token;
  };

  explicit Discovery(int columns_max) : columns_max_(static_cast<std::size_t>(columns_max)) {}

  bool is_open() const { return records_ < kRecords; }
  std::span<const Column> columns() const { return columns_; }
  std::uint64_t unknown_fields() const { return unknown_fields_; }

  /// Before a document is read.
  void begin_document();
  Interest number(std::string_view place, std::string_view key, std::string_view text) override;
  /// The document is an event of this time. Gives columns to what it brings; the new ones, valid
  /// until the next document begins.
  std::span<const NewColumn> end_event(ExtractionPlan& plan, std::int64_t time_ms);
  /// A column's value in an event; empty: it has none.
  void observe(std::size_t column, std::optional<double> value, bool is_integer);

  /// After every record. At the end of discovery, and only then: which columns are dropped.
  std::optional<std::uint64_t> end_record();

  void save(std::string& out) const;
  bool restore(FlatBytes& bytes, ExtractionPlan& plan);

 private:
  struct Candidate {
    std::string path;
    std::string_view text;
  };

  bool is_refused(std::string_view path) const;
  void refuse(const std::string& path);
  bool restore_columns(FlatBytes& bytes, ExtractionPlan& plan);
  bool restore_refused(FlatBytes& bytes);

  std::size_t columns_max_;
  std::uint64_t records_ = 0;
  std::uint64_t events_ = 0;
  std::uint64_t unknown_fields_ = 0;
  std::vector<Column> columns_;
  std::vector<std::string> refused_;  // Paths whose value was no measurement; sorted, bounded.

  // Of the document being read.
  std::uint64_t unknown_here_ = 0;
  std::vector<Candidate> candidates_;
  std::vector<NewColumn> new_columns_;
  std::string path_;
};

}  // namespace tocsin
