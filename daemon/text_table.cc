#include "daemon/text_table.h"

#include <algorithm>

namespace tocsin {
namespace {

/// Characters, not bytes: names may be in any language.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

}  // namespace

std::string TextTable::text() const {
  std::vector<std::string> names;
  std::vector<std::size_t> widths;
  for (const Column& column : columns_) {
    names.push_back(column.name);
    widths.push_back(width_of(column.name));
  }
  for (const auto& row : rows_)
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], width_of(row[c]));
  std::string text = line(names, widths);
  for (const auto& row : rows_) text += line(row, widths);
  return text;
}

std::string TextTable::line(const std::vector<std::string>& cells,
                            const std::vector<std::size_t>& widths) const {
  std::string text;
  for (std::size_t c = 0; c < cells.size(); ++c) {
    const std::string space(widths[c] - width_of(cells[c]), ' ');
    if (c > 0) text += "  ";
    text += columns_[c].is_right ? space + cells[c] : cells[c] + space;
  }
  text.erase(text.find_last_not_of(' ') + 1);
  return text + '\n';
}

}  // namespace tocsin
