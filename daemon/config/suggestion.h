// "Did you mean": the nearest of some names.

#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tocsin {

/// The candidate that `word` is most likely a misspelling of; empty if none is close. Of equally
/// close ones the first.
std::optional<std::string_view> nearest(std::string_view word,
                                        std::span<const std::string_view> candidates);

/// "did you mean `x`?", or else "allowed: `a`, `b`, `c`".
std::string suggest(std::string_view word, std::span<const std::string_view> candidates);

/// "`a`, `b` or `c`".
std::string listed(std::span<const std::string_view> words, std::string_view conjunction);

}  // namespace tocsin
