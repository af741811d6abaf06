#include "pipeline/input/csv_row.h"

#include <algorithm>
#include <cassert>

#include "pipeline/input/json_number.h"
#include "pipeline/input/json_text.h"

namespace tocsin {

namespace {

/// Position of the quote that closes a cell whose text begins `text`, or npos.
std::size_t closing_quote(std::string_view text) {
  std::size_t at = text.find('"');
  while (at != std::string_view::npos && text.substr(at + 1).starts_with('"')) {
    at = text.find('"', at + 2);
  }
  return at;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

/// Appends `text` as a JSON number if it is one but for a plus, or a bare point; else nothing.
bool append_number_like(std::string& out, std::string_view text) {
  if (is_json_number(text)) {
    out.append(text);
    return true;
  }
  if (text.starts_with("+-")) return false;
  const std::size_t begin = out.size();
  if (text.starts_with('-')) out.push_back('-');
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  if (text.starts_with('.')) out.push_back('0');
  const std::size_t point = text.find('.');
  out.append(text.substr(0, point));
  if (point != std::string_view::npos) {
    const std::string_view fraction = text.substr(point);
    const bool has_digit = fraction.size() > 1 && fraction[1] >= '0' && fraction[1] <= '9';
    const bool has_whole = point > 0;
    out.append(has_digit || !has_whole ? fraction : fraction.substr(1));
  }
  if (is_json_number(std::string_view(out).substr(begin))) return true;
  out.resize(begin);
  return false;
}

void append_csv_value(std::string& out, const CsvCell& cell) {
  const std::string_view bare = trimmed(cell.text);
  if (bare.empty()) {
    out.append("null");
  } else if (append_number_like(out, bare)) {
    return;
  } else if (cell.is_quoted && cell.text.find('"') != std::string_view::npos) {
    std::string single;
    append_csv_text(single, cell);
    append_json_string(out, single);
  } else {
    append_json_string(out, cell.text);
  }
}

}  // namespace

std::optional<std::size_t> find_csv_row_end(std::string_view text) {
  std::size_t at = 0;
  while (true) {
    // At the begin of a cell.
    if (text.substr(at).starts_with('"')) {
      const std::size_t quote = closing_quote(text.substr(at + 1));
      if (quote == std::string_view::npos) return std::nullopt;
      at += quote + 2;
    }
    at = text.find_first_of(",\n", at);
    if (at == std::string_view::npos) return std::nullopt;
    if (text[at] == '\n') return at;
    ++at;
  }
}

bool split_csv_row(std::string_view row, std::vector<CsvCell>& cells) {
  cells.clear();
  while (true) {
    CsvCell cell;
    std::size_t end = 0;
    if (row.starts_with('"')) {
      const std::size_t quote = closing_quote(row.substr(1));
      if (quote == std::string_view::npos) return false;
      cell = {.text = row.substr(1, quote), .is_quoted = true};
      end = quote + 2;
      if (end < row.size() && row[end] != ',') return false;
    } else {
      end = std::min(row.find(','), row.size());
      cell.text = row.substr(0, end);
    }
    cells.push_back(cell);
    if (end == row.size()) return true;
    row.remove_prefix(end + 1);
  }
}

void append_csv_text(std::string& out, const CsvCell& cell) {
  for (std::size_t i = 0; i < cell.text.size(); ++i) {
    out.push_back(cell.text[i]);
    if (cell.is_quoted && cell.text[i] == '"') ++i;
  }
}

void append_csv_object(std::string& out, std::span<const std::string> keys,
                       std::span<const CsvCell> cells) {
  assert(keys.size() == cells.size());
  for (std::size_t i = 0; i < cells.size(); ++i) {
    out.push_back(i == 0 ? '{' : ',');
    out.append(keys[i]).push_back(':');
    append_csv_value(out, cells[i]);
  }
  out.push_back('}');
}

}  // namespace tocsin
