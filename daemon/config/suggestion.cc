#include "daemon/config/suggestion.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <vector>

namespace tocsin {
namespace {

std::string folded(std::string_view word) {
  std::string result;
  for (const char c : word) {
    const char low = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    result += low == '-' || low == ' ' ? '_' : low;
  }
  return result;
}

/// Edits (insert, remove, replace, swap neighbours) from `left` to `right`.
std::size_t distance(std::string_view left, std::string_view right) {
  const std::size_t width = right.size() + 1;
  std::vector<std::size_t> rows((left.size() + 1) * width);
  const auto at = [&](std::size_t i, std::size_t j) -> std::size_t& { return rows[i * width + j]; };
  for (std::size_t i = 0; i <= left.size(); ++i) at(i, 0) = i;
  for (std::size_t j = 0; j <= right.size(); ++j) at(0, j) = j;
  for (std::size_t i = 1; i <= left.size(); ++i) {
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const std::size_t change = left[i - 1] == right[j - 1] ? 0 : 1;
      at(i, j) = std::min({at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + change});
      const bool swapped =
          i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1];
      if (swapped) at(i, j) = std::min(at(i, j), at(i - 2, j - 2) + 1);
    }
  }
  return rows.back();
}

}  // namespace

std::optional<std::string_view> nearest(std::string_view word,
                                        std::span<const std::string_view> candidates) {
  constexpr std::size_t kWordMax = 64;  // Nothing that long is a misspelling of ours.
  if (word.empty() || word.size() > kWordMax) return std::nullopt;
  const std::string wanted = folded(word);
  std::optional<std::string_view> best;
  std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const std::string_view candidate : candidates) {
    const std::size_t edits = distance(wanted, folded(candidate));
    if (edits < best_distance && edits < candidate.size()) {
      best = candidate;
      best_distance = edits;
    }
  }
  if (best) return best;
  for (const std::string_view candidate : candidates) {
    // What was meant may be a part of the name: `workers_count`, `bytes`.
    const std::string name = folded(candidate);
    const bool part =
        name.size() >= 4 && wanted.size() >= 4 &&
        (wanted.find(name) != std::string::npos || name.find(wanted) != std::string::npos);
    if (part) return candidate;
  }
  return std::nullopt;
}

std::string listed(std::span<const std::string_view> words, std::string_view conjunction) {
  std::string result;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) result += i + 1 == words.size() ? fmt::format(" {} ", conjunction) : ", ";
    result += fmt::format("`{}`", words[i]);
  }
  return result;
}

std::string suggest(std::string_view word, std::span<const std::string_view> candidates) {
  if (const auto near = nearest(word, candidates)) return fmt::format("did you mean `{}`?", *near);
  return fmt::format("allowed: {}", listed(candidates, "and"));
}

}  // namespace tocsin
