// Rows of comma-separated values (RFC 4180), and what JSON is made of them.

#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

/// One cell, as it stands in the row.
struct CsvCell {
  std::string_view text;   ///< Without the quotes around it.
  bool is_quoted = false;  ///< Quotes inside are then doubled.
};

/// Where the first row of `text` ends: the position of its newline, which is none inside quotes.
/// Empty: not within `text`.
std::optional<std::size_t> find_csv_row_end(std::string_view text);

/// Cuts a row, without its newline, into `cells`, which are replaced. False if something other
/// than a comma follows a closing quote, or a quote is not closed.
///
/// A quote that does not begin a cell is a character like others.
bool split_csv_row(std::string_view row, std::vector<CsvCell>& cells);

/// Appends a cell's text with doubled quotes made single.
void append_csv_text(std::string& out, const CsvCell& cell);

/// Appends a JSON object of `cells` under `keys`, which are JSON strings already. An empty cell
/// is null; one that is a JSON number, but for white space around it, a plus before it or digits
/// missing on one side of the point, is that number; the rest are strings (`007`, `NaN`, `true`).
void append_csv_object(std::string& out, std::span<const std::string> keys,
                       std::span<const CsvCell> cells);

}  // namespace tocsin
