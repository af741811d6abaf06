#include "pipeline/input/json_diagnosis.h"

#include "pipeline/input/json_number.h"
#include "pipeline/input/json_text.h"

namespace tocsin {

namespace {

class Diagnostician {
 public:
  explicit Diagnostician(std::string_view text) : text_(text) {}

  JsonDiagnosis run() {
    skip_space();
    if (at_end()) return broken("there is nothing but white space");
    if (value(0)) {
      skip_space();
      if (!at_end()) broken("something follows the end of the document");
    }
    return found_;
  }

 private:
  bool at_end() const { return position_ >= text_.size(); }
  char here() const { return text_[position_]; }

  void skip_space() {
    while (!at_end() && (here() == ' ' || here() == '\n' || here() == '\t' || here() == '\r')) {
      ++position_;
    }
  }

  bool take(char sign) {
    const bool is_here = !at_end() && here() == sign;
    if (is_here) ++position_;
    return is_here;
  }

  JsonDiagnosis broken(std::string_view what) {
    found_ = {.reason = RejectReason::undecodable, .what = what, .position = position_};
    return found_;
  }
  bool fail(std::string_view what) {
    broken(at_end() ? "it ends too early" : what);
    return false;
  }

  bool value(int depth) {
    skip_space();
    if (at_end()) return fail({});
    switch (here()) {
      case '{':
        return container(depth + 1, '}');
      case '[':
        return container(depth + 1, ']');
      case '"':
        return string();
      default:
        return scalar();
    }
  }

  bool container(int depth, char close) {
    if (depth > kJsonDepthMax) {
      found_ = {.reason = RejectReason::too_deep,
                .what = "it is nested deeper than 64 levels",
                .position = position_};
      return false;
    }
    ++position_;
    skip_space();
    if (take(close)) return true;
    while (true) {
      if (close == '}' && !key()) return false;
      if (!value(depth)) return false;
      skip_space();
      if (take(close)) return true;
      if (!take(',')) return fail("a comma or the closing bracket was expected");
    }
  }

  bool key() {
    skip_space();
    if (at_end() || here() != '"') return fail("a key in quotes was expected");
    if (!string()) return false;
    skip_space();
    return take(':') || fail("a colon was expected");
  }

  bool string() {
    const std::size_t begin = ++position_;
    while (!at_end() && here() != '"') {
      if (static_cast<unsigned char>(here()) < 0x20) {
        return fail("a string contains a control character");
      }
      std::size_t length = utf8_length(text_.substr(position_));
      if (length == 0) return fail("it is not UTF-8");
      if (here() == '\\') length = position_ + 1 < text_.size() ? escape_length() : 1;
      if (length == 0) return fail("an escape in a string means nothing");
      position_ += length;
    }
    if (at_end()) {
      position_ = begin - 1;
      return fail("a string is not closed");
    }
    ++position_;
    return true;
  }

  std::size_t escape_length() const {
    // The escape alone, and for the first half of a surrogate pair both halves.
    for (const std::size_t length : {2U, 6U, 12U}) {
      const std::string_view escape = text_.substr(position_, length);
      if (find_bad_escape(escape) == std::string_view::npos) return escape.size();
    }
    return 0;
  }

  bool scalar() {
    const std::size_t length =
        std::min(text_.find_first_of(" \n\t\r,:[]{}\"", position_), text_.size()) - position_;
    const std::string_view word = text_.substr(position_, length);
    if (word == "true" || word == "false" || word == "null" || is_json_number(word)) {
      position_ += length;
      return true;
    }
    if (word == "NaN" || word == "Infinity" || word == "-Infinity") {
      return fail("NaN and Infinity are no JSON");
    }
    return fail(word.empty() ? "a value was expected" : "it is no value that JSON knows");
  }

  std::string_view text_;
  std::size_t position_ = 0;
  JsonDiagnosis found_;
};

}  // namespace

JsonDiagnosis diagnose(std::string_view text) { return Diagnostician(text).run(); }

}  // namespace tocsin
