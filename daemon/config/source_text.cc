#include "daemon/config/source_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "daemon/config/utf8.h"

namespace tocsin {
namespace {

constexpr std::string_view kRedacted = "<redacted>";
constexpr int kColumnsMax = 140;  // Of an excerpt; longer lines are cut around the place.

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

bool ends_with_any(std::string_view name, std::initializer_list<std::string_view> ends) {
  return std::any_of(ends.begin(), ends.end(),
                     [&](std::string_view end) { return name.ends_with(end); });
}

/// One character of a line as shown, or one redacted part of it.
struct Cell {
  std::string text;
  int columns = 1;
  std::size_t end = 0;  // The byte of the line after it.
};

Cell shown(std::string_view line, std::size_t at) {
  if (line[at] == '\t') return {"\t", 1, at + 1};
  const std::optional<Character> character = character_at(line, at);
  const std::size_t bytes = character ? character->bytes : 1;
  const int columns = character ? columns_of(character->code) : 1;
  return {printable(line.substr(at, bytes), 2), columns, at + bytes};
}

/// Characters that end in (begin, end].
int characters_between(std::string_view line, std::size_t begin, std::size_t end) {
  int count = 0;
  while (begin < end) {
    begin = shown(line, begin).end;
    if (begin <= end) ++count;
  }
  return count;
}

/// The part of `cells` around `caret` that fits a terminal.
Excerpt cut(const std::vector<Cell>& cells, std::size_t caret) {
  std::size_t begin = caret;
  int columns = 0;
  while (begin > 0 && columns + cells[begin - 1].columns <= kColumnsMax * 2 / 3) {
    columns += cells[--begin].columns;
  }
  Excerpt result;
  if (begin > 0) result = {.line = "…", .indent = " "};
  std::size_t end = begin;
  for (columns = 0; end < cells.size() && columns <= kColumnsMax; ++end) {
    const Cell& cell = cells[end];
    columns += cell.columns;
    result.line += cell.text;
    if (end >= caret) continue;
    const bool tab = cell.text == "\t";
    result.indent.append(static_cast<std::size_t>(cell.columns), tab ? '\t' : ' ');
  }
  if (end < cells.size()) result.line += "…";
  return result;
}

}  // namespace

bool is_secret_name(std::string_view name) {
  const std::string word = lower(name);
  if (ends_with_any(word, {".location", ".url", ".dn", ".name", ".ms", ".id"})) return false;
  constexpr std::array kWords{"password", "passwd",     "secret",  "token",
                              "jaas",     "credential", "key.pem", "oauthbearer.config"};
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](const char* part) { return word.find(part) != std::string::npos; });
}

SourceText::SourceText(std::string file, std::string text)
    : file_(std::move(file)), text_(std::move(text)) {
  if (text_.starts_with("\xEF\xBB\xBF")) text_.erase(0, 3);
  starts_.push_back(0);
  for (std::size_t i = 0; i < text_.size(); ++i) {
    if (text_[i] == '\n' && i + 1 < text_.size()) starts_.push_back(i + 1);
  }
}

std::string_view SourceText::line(int number) const {
  if (number < 1 || number > lines()) return {};
  const std::size_t begin = starts_[static_cast<std::size_t>(number) - 1];
  std::string_view rest = std::string_view(text_).substr(begin);
  rest = rest.substr(0, rest.find('\n'));
  if (rest.ends_with('\r')) rest.remove_suffix(1);
  return rest;
}

TextPlace SourceText::place_of(std::size_t offset) const {
  const auto next = std::upper_bound(starts_.begin(), starts_.end(), offset);
  const auto line = static_cast<std::size_t>(next - starts_.begin());
  return {static_cast<int>(line), static_cast<int>(offset - starts_[line - 1]) + 1};
}

std::size_t SourceText::offset_of(TextPlace place) const {
  if (place.line < 1) return 0;
  if (place.line > lines()) return text_.size();
  const std::size_t start = starts_[static_cast<std::size_t>(place.line) - 1];
  return std::min(text_.size(), start + static_cast<std::size_t>(place.column) - 1);
}

void SourceText::hide(std::size_t begin, std::size_t end) {
  constexpr std::string_view kBlanks = " \t\r\n";
  while (end > begin && kBlanks.find(text_[end - 1]) != std::string_view::npos) --end;
  if (end > begin) hidden_.push_back({begin, end});
}

void SourceText::hide_what_looks_secret() {
  // Without a parse it is unknown where a secret ends: from the first such name all is hidden
  // up to the end of its line, and the lines after it while they are indented deeper.
  bool hiding = false;
  std::size_t depth = 0;
  for (int number = 1; number <= lines(); ++number) {
    const std::string_view whole = line(number);
    const std::size_t indent = std::min(whole.find_first_not_of(" \t-"), whole.size());
    const std::size_t start = starts_[static_cast<std::size_t>(number) - 1];
    if (hiding && (indent > depth || whole.empty())) {
      hide(start + indent, start + whole.size());
      continue;
    }
    const std::size_t colon = whole.find(':', indent);
    hiding = colon != std::string_view::npos && is_secret_name(whole);
    depth = indent;
    if (hiding) hide(start + colon + 2, start + whole.size());
  }
}

const SourceText::Range* SourceText::hidden_at(std::size_t offset) const {
  for (const Range& range : hidden_) {
    if (offset >= range.begin && offset < range.end) return &range;
  }
  return nullptr;
}

Excerpt SourceText::excerpt(TextPlace place) const {
  const std::string_view whole = line(place.line);
  const std::size_t start = offset_of({place.line, 1});
  const auto target = static_cast<std::size_t>(place.column) - 1;

  std::vector<Cell> cells;
  std::size_t caret = 0;
  int characters = 1;
  for (std::size_t at = 0; at < whole.size();) {
    Cell cell = shown(whole, at);
    if (cell.end <= target) ++characters;
    if (const Range* hidden = hidden_at(start + at)) {
      const std::size_t end = std::min(hidden->end - start, whole.size());
      characters += characters_between(whole, cell.end, std::min(end, target));
      cell = {std::string(kRedacted), static_cast<int>(kRedacted.size()), end};
    }
    at = cell.end;
    cells.push_back(std::move(cell));
    if (at <= target) caret = cells.size();
  }
  Excerpt result = cut(cells, caret);
  result.column = characters;
  return result;
}

}  // namespace tocsin
