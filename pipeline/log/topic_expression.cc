#include "pipeline/log/topic_expression.h"

#include <array>
#include <utility>

namespace tocsin {

void TopicExpression::Free::operator()(regex_t* compiled) const {
  regfree(compiled);
  std::default_delete<regex_t>{}(compiled);
}

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
  return TopicExpression(Compiled(fresh.release()));
}

bool TopicExpression::matches(const std::string& topic) const {
  return regexec(compiled_.get(), topic.c_str(), 0, nullptr, 0) == 0;
}

}  // namespace tocsin
