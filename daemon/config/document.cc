#include "daemon/config/document.h"

#include <fmt/format.h>
#include <yaml-cpp/anchor.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <map>
#include <sstream>
#include <string_view>
#include <utility>

#include "daemon/config/utf8.h"

namespace tocsin {
namespace {

constexpr std::size_t kBytesMax = 1U << 20U;
constexpr std::size_t kDepthMax = 32;
constexpr std::size_t kNodesMax = 20'000;  // Aliases count as what they stand for.

std::size_t count_of(const YamlNode& node) {
  std::size_t count = 1;
  for (const YamlNode& item : node.items) count += count_of(item);
  return count;
}

/// Builds the tree from the parser's events, and refuses what yaml-cpp lets pass.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(const SourceText& source, Findings& findings)
      : source_(source), findings_(findings) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ == 2) {
      fail(place(mark), "a second document begins here, but a configuration is one document",
           "Remove the line `---`, or keep the documents in two files.");
    }
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    finish({.place = place_of_nothing(place(mark))}, anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) {
      fail(place(mark), "this alias stands inside what it refers to", "Write the value out.");
      return;
    }
    const std::size_t count = count_of(found->second);
    if (!admit(place(mark), count)) return;
    finish(YamlNode(found->second), 0);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    check_tag(mark, tag);
    if (!admit(place(mark), 1)) return;
    if (tag != "?") check_end_of_quotes(place(mark));
    finish({.kind = NodeKind::scalar, .place = place(mark), .plain = tag == "?", .text = value},
           anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    begin(NodeKind::list, mark, tag, anchor);
  }
  void OnSequenceEnd() override { end(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    begin(NodeKind::map, mark, tag, anchor);
  }
  void OnMapEnd() override { end(); }

  /// The tree, unless its shape itself was a mistake.
  std::optional<Document> take() {
    if (failed_ || !root_) return std::nullopt;
    std::sort(starts_.begin(), starts_.end());
    return Document{std::move(*root_), std::move(starts_), std::move(dropped_)};
  }
  bool failed() const { return failed_; }

 private:
  struct Open {
    YamlNode node;
    YAML::anchor_t anchor = 0;
    std::optional<Key> key;  // Of a map: whose value comes next.
    bool drop = false;       // That value belongs to a key that was refused.
  };

  TextPlace place(const YAML::Mark& mark) const {
    const int line = std::max(mark.line, 0) + 1;
    return {line, std::max(mark.column, 0) + 1};
  }

  /// The mark of an empty value is wherever the next token stands: the key tells more, or the
  /// `-` of a list's item.
  TextPlace place_of_nothing(TextPlace mark) const {
    if (open_.empty()) return mark;
    if (open_.back().key) return open_.back().key->place;
    const std::size_t here = source_.offset_of(mark);
    if (here == 0) return mark;
    const std::size_t before = source_.text().find_last_not_of(" \t\r\n", here - 1);
    return before == std::string::npos ? mark : source_.place_of(before);
  }

  /// yaml-cpp takes the end of the file for a closing quote.
  void check_end_of_quotes(TextPlace where) {
    const std::string& text = source_.text();
    const std::size_t begin = text.find_first_of("\"'|>", source_.offset_of(where));
    if (begin == std::string::npos || text[begin] == '|' || text[begin] == '>') return;
    for (std::size_t i = begin + 1; i < text.size(); ++i) {
      const bool doubled = text[i] == '\'' && i + 1 < text.size() && text[i + 1] == '\'';
      if (text[begin] == '"' ? text[i] == '\\' : doubled) {
        ++i;
      } else if (text[i] == text[begin]) {
        return;
      }
    }
    fail(where, "not YAML: a quoted text does not end before the file does",
         "Look for a missing quote.");
  }

  std::string path() const {
    std::string result;
    for (const Open& open : open_) {
      if (open.node.kind == NodeKind::list) {
        result += fmt::format("[{}]", open.node.items.size());
      } else if (open.key) {
        result += (result.empty() ? "" : ".") + printable(open.key->text, 60);
      }
    }
    return result;
  }

  void fail(TextPlace where, std::string message, std::string hint) {
    if (!failed_) findings_.error({where, path(), std::move(message), std::move(hint)});
    failed_ = true;
  }

  bool admit(TextPlace where, std::size_t count) {
    nodes_ += count;
    if (nodes_ > kNodesMax) {
      fail(where, fmt::format("the file has more than {} values", kNodesMax),
           "Aliases count as what they stand for.");
    }
    return !failed_;
  }

  void check_tag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!") return;
    findings_.error(
        {place(mark), path(),
         fmt::format("carries the tag `{}`, but tags are not allowed", printable(tag, 60)),
         "Remove it: the option decides how its value is read."});
  }

  void begin(NodeKind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    check_tag(mark, tag);
    if (!admit(place(mark), 1)) return;
    if (open_.size() >= kDepthMax) {
      fail(place(mark), fmt::format("is nested deeper than {} levels", kDepthMax), "");
      return;
    }
    open_.push_back({.node = {.kind = kind, .place = place(mark)}, .anchor = anchor});
  }

  void end() {
    if (failed_ || open_.empty()) return;
    Open done = std::move(open_.back());
    open_.pop_back();
    finish(std::move(done.node), done.anchor);
  }

  void finish(YamlNode node, YAML::anchor_t anchor) {
    if (failed_) return;
    starts_.push_back(source_.offset_of(node.place));
    if (anchor != 0) anchors_[anchor] = node;
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.kind == NodeKind::list) {
      parent.node.items.push_back(std::move(node));
    } else if (!parent.key) {
      take_key(parent, node);
    } else {
      if (parent.drop) {
        dropped_.keys.push_back(std::move(*parent.key));
        dropped_.items.push_back(std::move(node));
      } else {
        parent.node.keys.push_back(std::move(*parent.key));
        parent.node.items.push_back(std::move(node));
      }
      parent.key.reset();
    }
  }

  void take_key(Open& parent, const YamlNode& node) {
    parent.drop = true;
    const std::string where = path();
    parent.key = Key{node.text, node.place};
    if (node.kind != NodeKind::scalar) {
      findings_.error({node.place, where, "a key must be a word", ""});
      return;
    }
    if (node.plain && node.text == "<<") {
      findings_.error({node.place, path(), "merge keys are not supported",
                       "Write the options out; an alias for a whole value is allowed."});
      return;
    }
    for (const Key& key : parent.node.keys) {
      if (key.text != node.text) continue;
      findings_.error({node.place, path(),
                       fmt::format("is here twice; the first is in line {}", key.place.line),
                       "Remove one of them."});
      return;
    }
    parent.drop = false;
  }

  const SourceText& source_;
  Findings& findings_;
  int documents_ = 0;
  std::size_t nodes_ = 0;
  bool failed_ = false;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, YamlNode> anchors_;
  std::vector<std::size_t> starts_;
  YamlNode dropped_{.kind = NodeKind::map};
  std::optional<YamlNode> root_;
};

/// What yaml-cpp says, and what a person can do about it.
struct Phrase {
  std::string_view theirs;
  std::string_view message;
  std::string_view hint;
};

// Not constexpr: the texts are constants of yaml-cpp, but not constant expressions.
const std::array kPhrases{
    Phrase{YAML::ErrorMsg::MAP_VALUE, "a value is not possible here",
           "One `key: value` a line; put a value that contains `: ` in quotes."},
    Phrase{YAML::ErrorMsg::MAP_KEY, "a key is not possible here", "Check the indentation."},
    Phrase{YAML::ErrorMsg::BLOCK_ENTRY, "a list item `- ` is not possible here",
           "Check the indentation; an item begins a line of its own."},
    Phrase{YAML::ErrorMsg::END_OF_MAP,
           "this does not belong to the section before it, nor to one around it",
           "Check the indentation; after a key stands `: `."},
    Phrase{YAML::ErrorMsg::END_OF_SEQ, "this is not an item of the list before it",
           "Check the indentation; each item begins with `- `."},
    Phrase{YAML::ErrorMsg::END_OF_MAP_FLOW, "a section in `{…}` does not end",
           "Look for a missing `}` or `,`; `${…}` inside of `{…}` must be in quotes."},
    Phrase{YAML::ErrorMsg::END_OF_SEQ_FLOW, "a list in `[…]` does not end",
           "Look for a missing `]` or `,`."},
    Phrase{YAML::ErrorMsg::FLOW_END, "this closes nothing that is open here", ""},
    Phrase{YAML::ErrorMsg::EOF_IN_SCALAR, "a quoted text does not end before the file does",
           "Look for a missing quote."},
    Phrase{YAML::ErrorMsg::DOC_IN_SCALAR, "a quoted text does not end before `---` or `...`",
           "Look for a missing quote."},
    Phrase{
        YAML::ErrorMsg::UNKNOWN_ANCHOR, "this alias refers to nothing",
        "An anchor `&name` must stand before it; a text that begins with `*` must be in quotes."},
    Phrase{YAML::ErrorMsg::UNKNOWN_TOKEN, "no value can begin with this character",
           "Put the text in quotes."},
    Phrase{YAML::ErrorMsg::CHAR_IN_SCALAR, "this character is not possible here",
           "Put the text in quotes."},
    Phrase{YAML::ErrorMsg::INVALID_ESCAPE, "in double quotes, no `\\` with this letter is known",
           "Use single quotes, or write `\\\\`."},
    Phrase{YAML::ErrorMsg::BAD_FILE, "is nested too deeply", ""},
};

/// Whether a key or a `-` is followed by something without a blank between them: yaml-cpp then
/// takes the line for a text, and stumbles over the next one.
bool lacks_blank(std::string_view line) {
  const std::size_t begin = line.find_first_not_of(' ');
  if (begin == std::string_view::npos || line[begin] == '#') return false;
  const std::string_view rest = line.substr(begin);
  if (rest.size() > 1 && rest[0] == '-') return rest[1] != ' ' && rest[1] != '-';
  const std::size_t end = rest.find_first_not_of("abcdefghijklmnopqrstuvwxyz_0123456789.");
  return end != std::string_view::npos && end > 0 && end + 1 < rest.size() && rest[end] == ':' &&
         rest[end + 1] != ' ';
}

Finding rephrased(const YAML::Exception& exception, const SourceText& source) {
  const std::string& theirs = exception.msg;
  TextPlace where{source.lines(), 1};
  const int line = exception.mark.line + 1;
  if (line >= 1 && line <= source.lines()) where = {line, exception.mark.column + 1};
  const std::string_view text = source.line(where.line);
  const std::string_view indent = text.substr(0, text.find_first_not_of(" \t"));
  const std::size_t tab = indent.find('\t');
  if (tab != std::string_view::npos || theirs == YAML::ErrorMsg::TAB_IN_INDENTATION) {
    if (tab != std::string_view::npos) where.column = static_cast<int>(tab) + 1;
    return {where, "", "is indented with a tab, but YAML indents with spaces", ""};
  }
  if (theirs == YAML::ErrorMsg::MAP_VALUE && lacks_blank(source.line(where.line - 1))) {
    return {
        {where.line - 1, static_cast<int>(source.line(where.line - 1).find_first_not_of(' ')) + 1},
        "",
        "not YAML: a blank is missing behind `:` or `-`",
        ""};
  }
  for (const Phrase& phrase : kPhrases) {
    if (theirs.starts_with(phrase.theirs)) {
      return {where, "", fmt::format("not YAML: {}", phrase.message), std::string(phrase.hint)};
    }
  }
  return {where, "", fmt::format("not YAML: {}", printable(theirs, 100)), ""};
}

/// What no YAML parser should be given.
bool check_bytes(const SourceText& source, Findings& findings) {
  const std::string& text = source.text();
  if (text.size() > kBytesMax) {
    findings.error({{}, "", fmt::format("is larger than {} bytes", kBytesMax), ""});
    return false;
  }
  if (const std::optional<std::size_t> bad = first_bad_utf8(text)) {
    findings.error(
        {source.place_of(*bad), "",
         fmt::format("the byte 0x{:02x} is not UTF-8", static_cast<unsigned char>(text[*bad])),
         "Save the file as UTF-8."});
    return false;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte >= 0x20 && byte != 0x7F) || byte == '\t' || byte == '\n' || byte == '\r') continue;
    findings.error({source.place_of(i), "",
                    fmt::format("the control character 0x{:02x} is not allowed", byte),
                    "In double quotes it can be written as an escape."});
    return false;
  }
  return true;
}

}  // namespace

std::optional<Document> parse_document(const SourceText& source, Findings& findings) {
  if (!check_bytes(source, findings)) return std::nullopt;
  TreeBuilder builder(source, findings);
  try {
    std::istringstream stream(source.text());
    YAML::Parser parser(stream);
    while (!builder.failed() && parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& exception) {
    if (!builder.failed()) findings.error(rephrased(exception, source));
    return std::nullopt;
  }
  std::optional<Document> document = builder.take();
  if (!document && !builder.failed()) {
    findings.error(
        {{},
         "",
         "is empty, but must be a configuration",
         "The least is `kafka: {brokers: [HOST:9092]}` and `streams: [{topics: [TOPIC]}]`."});
  }
  return document;
}

}  // namespace tocsin
