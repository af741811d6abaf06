// The text of a configuration file: its lines, and which parts of it must never be shown.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/diagnostic.h"

namespace tocsin {

/// A line as it is shown below a diagnostic.
struct Excerpt {
  std::string line;
  std::string indent;  ///< As wide as what stands before the place; tabs stay tabs.
  int column = 0;      ///< The place in characters, from 1.
};

class SourceText {
 public:
  /// A byte order mark at the beginning is dropped.
  SourceText(std::string file, std::string text);

  const std::string& file() const { return file_; }
  const std::string& text() const { return text_; }
  int lines() const { return static_cast<int>(starts_.size()); }
  /// Without its line break; empty beyond the last.
  std::string_view line(int number) const;

  TextPlace place_of(std::size_t offset) const;
  std::size_t offset_of(TextPlace place) const;

  /// Nothing in [begin, end) is ever shown. Blanks at its end may be.
  void hide(std::size_t begin, std::size_t end);
  /// Hides what follows a name that sounds like a secret, in a file that cannot be parsed.
  void hide_what_looks_secret();

  Excerpt excerpt(TextPlace place) const;

 private:
  struct Range {
    std::size_t begin;
    std::size_t end;
  };
  const Range* hidden_at(std::size_t offset) const;

  std::string file_;
  std::string text_;
  std::vector<std::size_t> starts_;  // [lines]
  std::vector<Range> hidden_;
};

/// Whether a librdkafka property of this name holds a secret, and not merely where one is.
bool is_secret_name(std::string_view name);

}  // namespace tocsin
