#include "daemon/topic_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "daemon/config/contradictions.h"
#include "daemon/memory_plan.h"
#include "pipeline/kafka/state_topic.h"
#include "pipeline/log/topic_expression.h"

namespace tocsin {
namespace {

/// What a state record may come to: a frame is made of 192 KiB, which compression may fail to
/// shrink, and says what it is.
constexpr std::int64_t kStateRecordBytes = 256 << 10;
/// What a record of ours may come to beside the event that it is about.
constexpr std::int64_t kOwnRecordBytes = 64 << 10;

struct Output {
  std::string topic;
  std::string_view purpose;
};

std::vector<Output> outputs_of(const Config& config) {
  std::vector<Output> outputs;
  const auto add = [&outputs](const std::string& topic, std::string_view purpose) {
    if (!topic.empty()) outputs.push_back({topic, purpose});
  };
  add(config.outputs.scores.topic, "scores");
  add(config.outputs.alerts.topic, "alerts");
  add(config.outputs.dead_letters, "dead letters");
  return outputs;
}

bool matches(const std::string& subscription, const std::string& topic) {
  if (!subscription.starts_with('^')) return subscription == topic;
  const auto expression = TopicExpression::make(subscription);
  return expression && expression->matches(topic);
}

/// How a stream reads a topic; empty: it does not.
std::string reading_of(const StreamSettings& stream, const std::string& topic) {
  const auto found =
      std::ranges::find_if(stream.topics, [&](const auto& name) { return matches(name, topic); });
  if (found == stream.topics.end()) return {};
  if (*found == topic) return fmt::format("stream {}", stream.name);
  return fmt::format("stream {} (`{}`)", stream.name, *found);
}

/// Makes the plan, a kind of topic at a time.
class TopicPlanner {
 public:
  TopicPlanner(const Config& config, const ClusterView& cluster, const ClusterView& states)
      : config_(config), cluster_(cluster), states_(states) {}

  TopicPlan plan() {
    say_what_is_missing();
    for (const TopicView& topic : cluster_.topics) add_input(topic);
    for (const StreamSettings& stream : config_.streams) compare_partitions(stream);
    for (const Output& output : outputs_of(config_)) add_output(output);
    for (const TopicView& topic : cluster_.topics) add_state(topic);
    const std::string& untold = cluster_.untold.empty() ? states_.untold : cluster_.untold;
    if (!untold.empty()) {
      warn("the brokers do not tell the settings of topics, so they are not checked: {}", untold);
    }
    return std::move(plan_);
  }

 private:
  template <class... Parts>
  void refuse(fmt::format_string<Parts...> text, Parts&&... parts) {
    plan_.mistakes.push_back(fmt::format(text, std::forward<Parts>(parts)...));
  }
  template <class... Parts>
  void warn(fmt::format_string<Parts...> text, Parts&&... parts) {
    plan_.warnings.push_back(fmt::format(text, std::forward<Parts>(parts)...));
  }

  bool is_output(const std::string& topic) const {
    return std::ranges::any_of(outputs_of(config_),
                               [&](const Output& output) { return output.topic == topic; });
  }

  void say_what_is_missing() {
    for (const std::string& name : cluster_.missing) {
      refuse("topic {} does not exist: create it, or correct its name under `{}`", name,
             is_output(name) ? "outputs" : "streams");
    }
    for (const std::string& expression : cluster_.unmatched) {
      refuse("no topic matches {}: create one, or correct it under `streams`", expression);
    }
    plan_.missing = plan_.mistakes.size();
  }

  /// A partition takes its part of a stream's incidents by what the configuration says.
  void compare_partitions(const StreamSettings& stream) {
    if (stream.sensitivity.unit != Sensitivity::Unit::stream_day) return;
    std::int32_t partitions = 0;
    for (const TopicView& topic : cluster_.topics)
      if (!reading_of(stream, topic.name).empty()) partitions += topic.partitions;
    if (partitions == stream.sensitivity.partitions) return;
    warn(
        "stream {} has {} partitions, but `sensitivity` shares its incidents among {}: say "
        "`partitions: {}`",
        stream.name, partitions, stream.sensitivity.partitions, partitions);
  }

  void add_input(const TopicView& topic) {
    std::vector<std::string> readers;
    for (const StreamSettings& stream : config_.streams) {
      std::string reading = reading_of(stream, topic.name);
      if (!reading.empty()) readers.push_back(std::move(reading));
    }
    if (readers.empty()) return;
    if (readers.size() > 1) {
      refuse("topic {} is read by {}: a topic belongs to one stream, so narrow their expressions",
             topic.name, fmt::join(readers, " and by "));
    }
    const auto policy = topic.config.find("cleanup.policy");
    if (policy != topic.config.end() && policy->second.find("compact") != std::string::npos) {
      warn(
          "topic {} has cleanup.policy={}: a restart that needs records which Kafka has compacted "
          "away will be refused; set it to delete",
          topic.name, policy->second);
    }
    plan_.topics.push_back({.name = topic.name,
                            .purpose = fmt::format("read by {}", fmt::join(readers, " and ")),
                            .partitions = topic.partitions,
                            .change = {}});
    inputs_.push_back(&topic);
    plan_.input_partitions += static_cast<std::size_t>(topic.partitions);
  }

  void add_output(const Output& output) {
    const TopicView* topic = cluster_.find(output.topic);
    if (topic == nullptr) return;
    plan_.topics.push_back({.name = topic->name,
                            .purpose = std::string(output.purpose),
                            .partitions = topic->partitions,
                            .change = {}});
    if (output.purpose == "dead letters") {
      compare_with_inputs(*topic);
    } else {
      compare_with_records(*topic, output);
    }
  }

  /// A dead letter is what was read, and a few headers.
  void compare_with_inputs(const TopicView& topic) {
    if (!topic.max_message_bytes) return;
    for (const TopicView* input : inputs_) {
      if (!input->max_message_bytes || *input->max_message_bytes <= *topic.max_message_bytes) {
        continue;
      }
      warn(
          "dead letters may be as large as a record of {}, which takes {} bytes, but {} takes {}: "
          "of larger ones only the place, the length and a hash are kept; set its "
          "max.message.bytes to {} or more",
          input->name, *input->max_message_bytes, topic.name, *topic.max_message_bytes,
          *input->max_message_bytes);
    }
  }

  void compare_with_records(const TopicView& topic, const Output& output) {
    if (!topic.max_message_bytes) return;
    std::int64_t largest = kOwnRecordBytes;
    if (output.purpose == "scores" && config_.outputs.include_event) {
      std::size_t event = 0;
      for (const StreamSettings& stream : config_.streams) {
        event = std::max(event, stream.record_max_bytes);
      }
      largest += static_cast<std::int64_t>(event);
    }
    if (largest <= *topic.max_message_bytes) return;
    warn(
        "{} may have {} bytes, but {} takes {}: of larger ones only the place, the length and a "
        "hash are kept; set its max.message.bytes to {} or more",
        output.purpose, largest, topic.name, *topic.max_message_bytes, largest);
  }

  void add_state(const TopicView& input) {
    if (std::ranges::find(inputs_, &input) == inputs_.end()) return;
    PlannedTopic planned{.name = state_topic(config_.app, input.name),
                         .purpose = fmt::format("state of {}", input.name),
                         .partitions = input.partitions,
                         .change = {}};
    const TopicView* found = states_.find(planned.name);
    if (found == nullptr) {
      plan_.to_make.push_back(
          new_state_topic(planned.name, input.partitions, config_.kafka.state_replication));
      planned.change = "will be made: " + description_of(plan_.to_make.back());
    } else {
      check_state(*found, input, planned);
    }
    plan_.topics.push_back(std::move(planned));
  }

  void check_state(const TopicView& state, const TopicView& input, PlannedTopic& planned) {
    if (state.partitions > input.partitions) {
      refuse(
          "state topic {} has {} partitions, but {} has {}: it is of another topic; delete it to "
          "begin anew, or give `app` another name",
          state.name, state.partitions, input.name, input.partitions);
    } else if (state.partitions < input.partitions) {
      plan_.to_widen.push_back({.name = state.name, .partitions = input.partitions, .config = {}});
      planned.change = fmt::format("will be widened from {}", state.partitions);
    }
    for (const auto& [name, wanted] : kStateTopicConfig) {
      const auto is = state.config.find(name);
      if (is == state.config.end() || is->second == wanted) continue;
      refuse(
          "state topic {} has {}={}, so that Kafka would delete state that is needed: set it to "
          "{}",
          state.name, name, is->second, wanted);
    }
    if (state.max_message_bytes && *state.max_message_bytes < kStateRecordBytes) {
      refuse(
          "state topic {} takes records of {} bytes only: set its max.message.bytes to {} or more",
          state.name, *state.max_message_bytes, kStateRecordBytes);
    }
  }

  const Config& config_;
  const ClusterView& cluster_;
  const ClusterView& states_;
  std::vector<const TopicView*> inputs_;
  TopicPlan plan_;
};

}  // namespace

std::vector<std::string> topics_needed(const Config& config) {
  std::vector<std::string> topics = config.kafka.topics;
  for (const Output& output : outputs_of(config)) topics.push_back(output.topic);
  return topics;
}

std::vector<std::string> state_topics_needed(const Config& config, const ClusterView& cluster) {
  std::vector<std::string> topics;
  for (const TopicView& topic : cluster.topics) {
    const bool is_read = std::ranges::any_of(config.kafka.topics, [&](const std::string& wanted) {
      return matches(wanted, topic.name);
    });
    if (is_read) topics.push_back(state_topic(config.app, topic.name));
  }
  return topics;
}

TopicPlan plan_topics(const Config& config, const ClusterView& cluster, const ClusterView& states) {
  return TopicPlanner(config, cluster, states).plan();
}

std::optional<std::string> why_one_process_is_too_few(const TopicPlan& plan,
                                                      std::size_t partitions_max) {
  const std::size_t partitions = plan.input_partitions;
  if (partitions <= partitions_max || partitions_max == 0) return std::nullopt;
  return fmt::format(
      "the inputs have {} partitions together, but memory.max_bytes holds {}: a process that has "
      "more of them is not ready; run {} processes or more, allow more memory, or less for each "
      "partition (memory.partition_bytes)",
      partitions, partitions_max, (partitions + partitions_max - 1) / partitions_max);
}

std::string description_of(const NewTopic& topic) {
  std::string text =
      fmt::format("{} partition{}", topic.partitions, topic.partitions == 1 ? "" : "s");
  for (const auto& [name, value] : topic.config) text += fmt::format(", {}={}", name, value);
  if (topic.replication > 0) text += fmt::format(", {} copies", topic.replication);
  return text;
}

std::string topics_table(const TopicPlan& plan) {
  std::size_t widest = 0;
  for (const PlannedTopic& topic : plan.topics) widest = std::max(widest, topic.name.size());
  std::string text;
  for (const PlannedTopic& topic : plan.topics) {
    text += fmt::format("  {:<{}}{:>8} partition{} {}{}{}\n", topic.name, widest,
                        count_text(static_cast<std::uint64_t>(topic.partitions)),
                        topic.partitions == 1 ? ", " : "s,", topic.purpose,
                        topic.change.empty() ? "" : ": ", topic.change);
  }
  return text;
}

}  // namespace tocsin
