// What became of a question to the brokers.

#pragma once

#include <optional>
#include <string>

namespace tocsin {

/// What the broker answered, or why it did not.
template <class T>
struct Asked {
  std::optional<T> answer;
  std::string reason;         ///< Without an answer: a sentence.
  bool is_forbidden = false;  ///< We may not ask that; no waiting mends it.
};

}  // namespace tocsin
