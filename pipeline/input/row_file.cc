#include "pipeline/input/row_file.h"

#include <algorithm>
#include <array>
#include <utility>

#include "pipeline/input/json_text.h"

namespace tocsin {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::optional<std::size_t> find_line_end(std::string_view window) {
  const std::size_t at = window.find('\n');
  return at == std::string_view::npos ? std::nullopt : std::optional(at);
}

bool is_blank(std::string_view row) {
  return row.find_first_not_of(" \t\r") == std::string_view::npos;
}

std::string cells_text(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " cell" : " cells");
}

RowFormat format_by_name(std::string_view path) {
  if (path.ends_with(".gz")) path.remove_suffix(3);
  if (path.ends_with(".csv")) return RowFormat::csv;
  constexpr std::array<std::string_view, 3> kJson{".jsonl", ".ndjson", ".json"};
  const bool is_json =
      std::ranges::any_of(kJson, [path](std::string_view end) { return path.ends_with(end); });
  return is_json ? RowFormat::json_lines : RowFormat::automatic;
}

RowFormat format_by_content(std::string_view window) {
  const std::size_t first = window.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return RowFormat::json_lines;
  return window[first] == '{' || window[first] == '[' ? RowFormat::json_lines : RowFormat::csv;
}

}  // namespace

Result<RowFile> RowFile::open(const std::string& path, RowFormat format) {
  Result<ByteSource> source = ByteSource::open(path);
  if (!source) return source.error();
  RowFile file(*std::move(source), format);
  if (const Result<void> begun = file.begin(path); !begun) return begun.error();
  return file;
}

Result<void> RowFile::begin(const std::string& path) {
  if (const Result<bool> filled = source_.fill(); !filled) return filled.error();
  if (source_.window().starts_with(kByteOrderMark)) source_.consume(kByteOrderMark.size());
  if (format_ == RowFormat::automatic) format_ = format_by_name(path);
  if (format_ == RowFormat::automatic) format_ = format_by_content(source_.window());
  return format_ == RowFormat::csv ? read_header() : Result<void>();
}

Result<void> RowFile::read_header() {
  const Result<std::optional<std::string_view>> row = next_raw();
  if (!row) return row.error();
  if (!*row) return Error{source_.name() + " is empty; CSV begins with a row of column names"};
  if (!is_utf8(**row) || (*row)->find('\0') != std::string_view::npos) {
    return Error{source_.name() + ": the row of column names is no text in UTF-8"};
  }
  if (!split_csv_row(**row, cells_)) {
    return Error{source_.name() + ": the quotes in the row of column names are not in order"};
  }
  for (const CsvCell& cell : cells_) {
    if (!cell.is_quoted && cell.text.find('\r') != std::string_view::npos) {
      return Error{
          source_.name() +
          ": a carriage return stands among the names of columns; lines end in LF or CRLF, "
          "not in CR alone"};
    }
    std::string name;
    append_csv_text(name, cell);
    name.erase(0, name.find_first_not_of(" \t"));
    name.erase(name.find_last_not_of(" \t") + 1);
    if (name.empty()) name = "column_" + std::to_string(keys_.size() + 1);
    std::string key;
    append_json_string(key, name);
    if (std::ranges::find(keys_, key) != keys_.end()) {
      return Error{source_.name() + ": two columns are called " + key};
    }
    keys_.push_back(std::move(key));
  }
  return {};
}

Result<std::optional<std::string_view>> RowFile::next() {
  Result<std::optional<std::string_view>> row = next_raw();
  if (!row || !*row || format_ == RowFormat::json_lines) return row;
  return std::optional(to_json(**row));
}

std::string_view RowFile::to_json(std::string_view row) {
  const bool is_in_order = split_csv_row(row, cells_);
  const bool fits = is_in_order && cells_.size() == keys_.size();
  row_trouble_.clear();
  if (!is_in_order) {
    row_trouble_ = "The quotes in the row are not in order.";
  } else if (!fits) {
    row_trouble_ = "The row has " + cells_text(cells_.size()) + ", but the row of column names " +
                   std::to_string(keys_.size()) + ".";
  }
  const std::size_t first = row.find_first_not_of(" \t\r");
  if (!fits && (first == std::string_view::npos || row[first] != '{' || !is_utf8(row))) return row;
  json_.clear();
  if (fits) {
    append_csv_object(json_, keys_, cells_);
  } else {
    append_json_string(json_, row);
  }
  return json_;
}

Result<std::optional<std::string_view>> RowFile::next_raw() {
  while (true) {
    source_.consume(std::exchange(taken_, 0));
    if (skips_line_) {
      if (Result<void> skipped = skip_line(); !skipped) return skipped.error();
    }
    const Result<std::optional<std::size_t>> end = find_row_end();
    if (!end) return end.error();
    if (source_.window().empty()) return std::optional<std::string_view>();
    const std::string_view row = take_row(*end);
    if (!is_blank(row)) return std::optional(row);
  }
}

Result<std::optional<std::size_t>> RowFile::find_row_end() {
  if (format_ != RowFormat::csv) return find_end(find_line_end);
  Result<std::optional<std::size_t>> end = find_end(find_csv_row_end);
  // A quote that is never closed must not swallow the rest: its line stands alone.
  return end && !*end ? find_end(find_line_end) : end;
}

/// The row that ends at `end`, or with the window.
std::string_view RowFile::take_row(std::optional<std::size_t> end) {
  const std::string_view window = source_.window();
  const std::size_t whole = end.value_or(window.size());
  const std::size_t size = std::min(whole, kRowMaxBytes);
  skips_line_ = size < whole;
  taken_ = end && !skips_line_ ? size + 1 : size;
  std::string_view row = window.substr(0, size);
  if (row.ends_with('\r')) row.remove_suffix(1);
  return row;
}

/// Reads on until the row's end is in the window, or the row is too long, or nothing is left.
Result<std::optional<std::size_t>> RowFile::find_end(EndFinder finder) {
  while (true) {
    const std::optional<std::size_t> end = finder(source_.window());
    if (end || source_.window().size() > kRowMaxBytes) return end;
    const Result<bool> filled = source_.fill();
    if (!filled) return filled.error();
    if (!*filled) return std::optional<std::size_t>();
  }
}

Result<void> RowFile::skip_line() {
  skips_line_ = false;
  while (true) {
    const std::string_view window = source_.window();
    const std::optional<std::size_t> end = find_line_end(window);
    source_.consume(end ? *end + 1 : window.size());
    if (end) return {};
    const Result<bool> filled = source_.fill();
    if (!filled) return filled.error();
    if (!*filled) return {};
  }
}

}  // namespace tocsin
