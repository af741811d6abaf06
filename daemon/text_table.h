// Columns of text, for people.

#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace tocsin {

/// Rows under a heading, each column as wide as its widest cell.
class TextTable {
 public:
  struct Column {
    std::string name;
    bool is_right = false;  ///< Its cells end, instead of begin, in one line: numbers.
  };
  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

  /// As many cells as there are columns.
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  /// The heading and the rows, a line each.
  std::string text() const;

 private:
  std::string line(const std::vector<std::string>& cells,
                   const std::vector<std::size_t>& widths) const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace tocsin
