// What the topics of a configuration are, must be and will be: for the start and for `check`.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "daemon/config/config.h"
#include "pipeline/kafka/kafka_admin.h"

namespace tocsin {

/// The topics that must exist: inputs, expressions among them, and outputs.
std::vector<std::string> topics_needed(const Config& config);

/// The state topics of the inputs that have been found.
std::vector<std::string> state_topics_needed(const Config& config, const ClusterView& cluster);

/// One topic and what it is for.
struct PlannedTopic {
  std::string name;
  std::string purpose;
  std::int32_t partitions = 0;  ///< As they will be.
  std::string change;           ///< What will be done to it at the start; empty: nothing.
};

/// What a start does with topics. It must not begin while there are mistakes.
struct TopicPlan {
  std::vector<PlannedTopic> topics;
  std::vector<std::string> mistakes;  ///< Each with what to do about it.
  std::size_t missing = 0;  ///< Of the mistakes: topics that are not there, or not there yet.
  std::size_t input_partitions = 0;  ///< Of all inputs together.
  std::vector<std::string> warnings;
  std::vector<NewTopic> to_make;
  std::vector<NewTopic> to_widen;  ///< `partitions`: as many as they shall have.
};

/// `cluster` is a look at `topics_needed`, `states` one at `state_topics_needed`.
TopicPlan plan_topics(const Config& config, const ClusterView& cluster, const ClusterView& states);

/// Why one process cannot have all partitions and be ready, where memory holds `partitions_max`.
/// No mistake: several processes share them.
std::optional<std::string> why_one_process_is_too_few(const TopicPlan& plan,
                                                      std::size_t partitions_max);

/// What a topic has to be, for whoever makes it by hand.
std::string description_of(const NewTopic& topic);

/// A line a topic, for `check`.
std::string topics_table(const TopicPlan& plan);

}  // namespace tocsin
