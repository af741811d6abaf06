#include "pipeline/flow/stream_matcher.h"

#include <utility>

namespace tocsin {

StreamMatcher::StreamMatcher(std::span<const StreamSettings> streams) {
  for (std::size_t s = 0; s < streams.size(); ++s) {
    for (const std::string& topic : streams[s].topics) {
      if (!topic.starts_with('^')) {
        names_.push_back({topic, s});
      } else if (auto expression = TopicExpression::make(topic)) {
        expressions_.push_back({std::move(*expression), s});
      }
    }
  }
}

std::optional<std::size_t> StreamMatcher::match(const std::string& topic) const {
  for (const Name& name : names_)
    if (name.topic == topic) return name.stream;
  for (const Expression& e : expressions_)
    if (e.expression.matches(topic)) return e.stream;
  return std::nullopt;
}

}  // namespace tocsin
