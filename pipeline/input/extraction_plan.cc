#include "pipeline/input/extraction_plan.h"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace tocsin {

namespace {

/// A step of a JSON pointer, `~1` and `~0` resolved.
std::string pointer_step(std::string_view step) {
  std::string key;
  for (std::size_t i = 0; i < step.size(); ++i) {
    if (step[i] == '~' && i + 1 < step.size()) {
      key.push_back(step[++i] == '1' ? '/' : '~');
    } else {
      key.push_back(step[i]);
    }
  }
  return key;
}

/// The array index that `key` is in a JSON pointer: digits without leading zeros.
std::uint64_t array_index(std::string_view key) {
  std::uint64_t index = 0;
  if (key.size() > 1 && key[0] == '0') return UINT64_MAX;
  const auto [end, problem] = std::from_chars(key.data(), key.data() + key.size(), index);
  return problem == std::errc() && end == key.data() + key.size() ? index : UINT64_MAX;
}

}  // namespace

ExtractionPlan::ExtractionPlan() : nodes_(1) { root_.node = 0; }

std::uint32_t ExtractionPlan::want(std::string_view pointer) {
  const auto take_slot = [this](Target& target) {
    if (target.slot == kNone) target.slot = static_cast<std::uint32_t>(slots_++);
    return target.slot;
  };
  if (pointer.empty()) return take_slot(root_);
  std::uint32_t node = 0;
  while (true) {
    const std::size_t end = pointer.find('/', 1);
    const std::string key = pointer_step(pointer.substr(1, end - 1));
    Target target = wanted_in(nodes_[node], key);
    if (end == std::string_view::npos) {
      take_slot(target);
      set_target(nodes_[node], key, target);
      return target.slot;
    }
    if (target.node == kNone) {
      target.node = static_cast<std::uint32_t>(nodes_.size());
      set_target(nodes_[node], key, target);
      nodes_.emplace_back();
    }
    node = target.node;
    pointer.remove_prefix(end);
  }
}

void ExtractionPlan::set_target(Node& node, std::string_view key, Target target) {
  const auto wanted = std::ranges::find(node.wanted, key, &Wanted::key);
  if (wanted == node.wanted.end()) {
    node.wanted.push_back({.key = std::string(key), .index = array_index(key), .target = target});
  } else {
    wanted->target = target;
  }
  const auto met = std::ranges::find(node.met, key, &Met::text);
  if (met != node.met.end()) met->target = target;
}

ExtractionPlan::Target ExtractionPlan::wanted_in(const Node& node, std::string_view key) {
  const auto wanted = std::ranges::find(node.wanted, key, &Wanted::key);
  return wanted == node.wanted.end() ? Target{} : wanted->target;
}

ExtractionPlan::Target ExtractionPlan::element(std::uint32_t node, std::uint64_t index) const {
  const std::vector<Wanted>& all = nodes_[node].wanted;
  const auto wanted = std::ranges::find(all, index, &Wanted::index);
  return wanted == all.end() ? Target{} : wanted->target;
}

ExtractionPlan::Met* ExtractionPlan::meet_elsewhere(Node& node, const JsonKey& key,
                                                    std::size_t& cursor) {
  const std::size_t count = node.met.size();
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at = (cursor + i) % count;
    if (!node.met[at].is(key)) continue;
    cursor = at + 1;
    return &node.met[at];
  }
  const Target target = wanted_in(node, key.text);
  const bool is_wanted = target.slot != kNone || target.node != kNone;
  if (!is_wanted && (node.unwanted == kUnwantedMax || key.text.size() > kUnwantedBytesMax)) {
    return nullptr;
  }
  if (!is_wanted) ++node.unwanted;
  node.met.push_back(
      {.first = key.first, .last = key.last, .target = target, .text = std::string(key.text)});
  cursor = node.met.size();
  return &node.met.back();
}

}  // namespace tocsin
