// How rare an event must be to alarm, by what the configuration says of false alarms.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "pipeline/log/topic_expression.h"
#include "pipeline/settings.h"

namespace tocsin {

/// Turns a sensitivity into a probability per event, open loop: by how often events come, never by
/// how many alarms there were.
///
/// A feature's own sensitivity goes before the entity's, and that before the stream's.
/// Threads: immutable.
class AlarmLevels {
 public:
  /// What an entity goes by: 0 is the stream's, others are in the order of the configuration.
  using Rule = std::uint8_t;

  explicit AlarmLevels(const StreamSettings& settings);

  /// Whether some feature has a sensitivity of its own.
  bool has_features() const { return has_features_; }
  /// The first rule that matches the entity's name.
  Rule rule_of(std::string_view entity) const;

  /// Events a day.
  struct Rates {
    double entity = 0;
    double partition = 0;
  };
  struct Level {
    double probability = 0;     ///< Of an alarm on a normal event; at most .1.
    bool is_of_a_rate = false;  ///< It follows from how many incidents are accepted in a time.
  };
  /// Of an event in which the feature in `column` stands out; empty: none does.
  Level level(Rule rule, std::optional<std::size_t> column, const Rates& rates) const;

 private:
  std::vector<Sensitivity> rules_;                    // [the stream's, entities…]
  std::vector<TopicExpression> expressions_;          // [entities]
  std::vector<std::optional<Sensitivity>> features_;  // [dimensions] where has_features_
  bool has_features_ = false;
};

}  // namespace tocsin
