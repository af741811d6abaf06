#include "pipeline/scoring/alarm_levels.h"

#include <algorithm>
#include <string>
#include <utility>

namespace tocsin {

AlarmLevels::AlarmLevels(const StreamSettings& settings) {
  rules_.push_back(settings.sensitivity);
  for (const EntityRule& rule : settings.entity_rules) {
    auto expression = TopicExpression::make(rule.match);
    if (!expression) continue;  // The configuration compiler has refused it.
    expressions_.push_back(*std::move(expression));
    rules_.push_back(rule.sensitivity);
  }
  for (const FeatureSettings& feature : settings.features) {
    features_.push_back(feature.sensitivity);
    has_features_ = has_features_ || feature.sensitivity;
  }
}

AlarmLevels::Rule AlarmLevels::rule_of(std::string_view entity) const {
  if (expressions_.empty()) return 0;
  const std::string name(entity);
  const auto found = std::ranges::find_if(
      expressions_, [&](const TopicExpression& expression) { return expression.matches(name); });
  if (found == expressions_.end()) return 0;
  return static_cast<Rule>(found - expressions_.begin() + 1);
}

AlarmLevels::Level AlarmLevels::level(Rule rule, std::optional<std::size_t> column,
                                      const Rates& rates) const {
  constexpr double kMost = .1;
  const bool has_own = has_features_ && column && features_[*column];
  const Sensitivity& wanted = has_own ? *features_[*column] : rules_[rule];
  switch (wanted.unit) {
    case Sensitivity::Unit::probability:
      break;
    case Sensitivity::Unit::entity_day:
      return {std::min(kMost, wanted.value / rates.entity), true};
    case Sensitivity::Unit::stream_day:
      return {std::min(kMost, wanted.value / wanted.partitions / rates.partition), true};
  }
  return {std::min(kMost, wanted.value), false};
}

}  // namespace tocsin
