#include "tests/chaos_parts/fault_points.h"

#include <algorithm>
#include <charconv>
#include <span>

namespace tocsin {
namespace {

/// The index of `name` among `names`; empty: it is none of them.
std::optional<std::size_t> index_of(std::string_view name,
                                    std::span<const std::string_view> names) {
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<std::size_t>(found - names.begin());
}

std::string_view take_word(std::string_view& text) {
  const std::size_t end = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

}  // namespace

bool FaultPoints::obey(std::string_view order) {
  const std::string_view verb = take_word(order);
  const std::lock_guard lock(mutex_);
  if (verb == "disarm" && order.empty()) {
    armed_.fill({});
    return true;
  }
  const auto point = index_of(take_word(order), kFaultPointNames);
  const std::string_view number = take_word(order);
  const auto action = index_of(order, kFaultActionNames);
  std::uint64_t passes = 0;
  const auto read = std::from_chars(number.data(), number.data() + number.size(), passes);
  if (verb != "arm" || !point || !action || read.ec != std::errc() || passes == 0) return false;
  armed_[*point] = {.passes = passes, .action = static_cast<FaultAction>(*action)};
  return true;
}

std::optional<FaultAction> FaultPoints::pass(FaultPoint point) {
  const auto index = static_cast<std::size_t>(point);
  FaultAction action{};
  {
    const std::lock_guard lock(mutex_);
    Armed& armed = armed_[index];
    if (armed.passes == 0 || --armed.passes > 0) return std::nullopt;
    action = armed.action;
  }
  announce_("hit " + std::string(kFaultPointNames[index]) + " " +
            std::string(kFaultActionNames[static_cast<std::size_t>(action)]));
  if (action == FaultAction::lose || action == FaultAction::drop) return action;
  strike_(action);
  return std::nullopt;
}

}  // namespace tocsin
