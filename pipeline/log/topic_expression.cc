#include "pipeline/log/topic_expression.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <string_view>
#include <utility>

namespace tocsin {

void TopicExpression::Free::operator()(regex_t* compiled) const {
  regfree(compiled);
  std::default_delete<regex_t>{}(compiled);
}

namespace {

/// The first escaped letter or digit that the C library has no meaning for, and therefore takes
/// for the letter itself: `\d` would be a `d`.
std::optional<char> meaningless_escape(const std::string& text) {
  constexpr std::string_view kMeant = "wWsSbB123456789";
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if (text[i] == '[') {
      // A backslash within brackets is one itself. A closing bracket may stand first.
      i += text[i + 1] == '^' ? 2U : 1U;
      i = std::min(text.find(']', i + 1), text.size());
    } else if (text[i] == '\\') {
      const char escaped = text[++i];
      const bool is_word = std::isalnum(static_cast<unsigned char>(escaped)) != 0;
      if (is_word && kMeant.find(escaped) == std::string_view::npos) return escaped;
    }
  }
  return std::nullopt;
}

}  // namespace

Result<TopicExpression> TopicExpression::make(const std::string& text) {
  constexpr std::size_t kBytesMax = 1000;  // Repetitions of repetitions take memory to compile.
  if (text.size() > kBytesMax) return Error{"it is too long"};
  auto fresh = std::make_unique<regex_t>();
  const int code = regcomp(fresh.get(), text.c_str(), REG_EXTENDED | REG_NOSUB);
  if (code != 0) {
    std::array<char, 200> reason{};
    regerror(code, fresh.get(), reason.data(), reason.size());
    return Error{reason.data()};
  }
  Compiled compiled(fresh.release());
  if (const std::optional<char> escaped = meaningless_escape(text)) {
    const std::string instead = *escaped == 'd' ? "; write [0-9]" : "";
    return Error{std::string("POSIX knows no \\") + *escaped + instead};
  }
  return TopicExpression(std::move(compiled));
}

bool TopicExpression::matches(const std::string& topic) const {
  return regexec(compiled_.get(), topic.c_str(), 0, nullptr, 0) == 0;
}

}  // namespace tocsin
