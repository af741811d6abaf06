// A subscription by regular expression, as librdkafka matches it.

#pragma once

#include <regex.h>

#include <memory>
#include <string>

#include "detectors/result.h"

namespace tocsin {

/// A POSIX extended regular expression, found anywhere in a topic's name. On Debian librdkafka
/// hands expressions to the same functions of the C library, so that what matches here matches
/// there.
///
/// Threads: immutable.
class TopicExpression {
 public:
  /// Fails with the C library's reason, or with an escape that it would take for a mere letter.
  static Result<TopicExpression> make(const std::string& text);

  bool matches(const std::string& topic) const;

 private:
  struct Free {
    void operator()(regex_t* compiled) const;
  };
  using Compiled = std::unique_ptr<regex_t, Free>;

  explicit TopicExpression(Compiled compiled) : compiled_(std::move(compiled)) {}

  Compiled compiled_;
};

}  // namespace tocsin
