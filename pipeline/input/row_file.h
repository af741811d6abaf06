// Rows of a file as records' values: JSON lines, or CSV made into JSON.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/result.h"
#include "pipeline/input/byte_source.h"
#include "pipeline/input/csv_row.h"

namespace tocsin {

enum class RowFormat : std::uint8_t {
  automatic,  ///< By the name (`.csv`, `.jsonl`, `.ndjson`, `.json`, each also `.gz`), else by the
              ///< first byte: `{` or `[` begins JSON lines, anything else CSV.
  json_lines,
  csv,
};

/// Reads rows one by one, with memory for the longest row.
///
/// JSON lines: a row is the bytes of a line without its newline (LF or CRLF), whatever they are;
/// what is wrong with them is the decoder's to say. Lines of nothing but white space are no rows.
/// Of a line beyond `kRowMaxBytes` the rest is left out; it is too large for a decoder anyway.
///
/// CSV: the first row names the columns; each further row becomes a JSON object (csv_row.h) whose
/// keys are those names, white space around them cut off, and `column_3` for a third without a
/// name. A row with more or fewer cells than columns, or with misplaced quotes, is given as it
/// stands, which no decoder takes for an event; one that could be taken for a JSON object is given
/// as a JSON text. So is a line whose quote is not closed within `kRowMaxBytes` or before the end;
/// reading goes on behind that line. Empty lines are no rows. Lines end in LF or CRLF.
///
/// A byte order mark at the begin is skipped.
class RowFile {
 public:
  static constexpr std::size_t kRowMaxBytes = 64U << 20U;

  /// `-` is standard input. Fails where nothing can be read, or a CSV header is missing or names
  /// a column twice.
  static Result<RowFile> open(const std::string& path, RowFormat format);

  /// The next row, valid until the next call; empty: the end.
  Result<std::optional<std::string_view>> next();

  /// A sentence on why the last row is given as it stands, or as a text; empty: it is not.
  const std::string& row_trouble() const { return row_trouble_; }

  RowFormat format() const { return format_; }  ///< Never `automatic`.
  /// Names of columns, as JSON texts; none in JSON lines.
  const std::vector<std::string>& columns() const { return keys_; }
  /// For a progress bar: bytes of the file read so far, and its size where it is known.
  std::uint64_t bytes_read() const { return source_.bytes_read(); }
  std::optional<std::uint64_t> bytes_total() const { return source_.bytes_total(); }

 private:
  /// How a row's end is found: the position of its newline, empty if it is not there yet.
  using EndFinder = std::optional<std::size_t> (*)(std::string_view window);

  RowFile(ByteSource source, RowFormat format) : source_(std::move(source)), format_(format) {}

  Result<void> begin(const std::string& path);
  Result<void> read_header();
  /// The next row as it stands, without its newline; blank lines are passed over.
  Result<std::optional<std::string_view>> next_raw();
  Result<std::optional<std::size_t>> find_row_end();
  Result<std::optional<std::size_t>> find_end(EndFinder finder);
  std::string_view take_row(std::optional<std::size_t> end);
  Result<void> skip_line();
  std::string_view to_json(std::string_view row);

  ByteSource source_;
  RowFormat format_;
  std::size_t taken_ = 0;    // Bytes of the window that the last row took, newline included.
  bool skips_line_ = false;  // The last row was the begin of a longer line.
  std::vector<std::string> keys_;
  std::vector<CsvCell> cells_;
  std::string json_;
  std::string row_trouble_;
};

}  // namespace tocsin
