// Which stream a topic belongs to.

#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pipeline/log/topic_expression.h"
#include "pipeline/settings.h"

namespace tocsin {

/// Matches topic names against the streams' subscriptions: exact names first, then expressions
/// (POSIX extended, as librdkafka's), in the order of the configuration.
class StreamMatcher {
 public:
  /// Expressions are valid: the configuration compiler has tried them.
  explicit StreamMatcher(std::span<const StreamSettings> streams);

  std::optional<std::size_t> match(const std::string& topic) const;

 private:
  struct Name {
    std::string topic;
    std::size_t stream;
  };
  struct Expression {
    TopicExpression expression;
    std::size_t stream;
  };
  std::vector<Name> names_;
  std::vector<Expression> expressions_;
};

}  // namespace tocsin
