#include "daemon/state_survey.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "daemon/config/contradictions.h"
#include "pipeline/flow/partition_starter.h"
#include "pipeline/flow/stream_matcher.h"

namespace tocsin {

std::string no_such_stream(const Config& config, const std::string& name) {
  std::string names;
  for (const StreamSettings& stream : config.streams)
    names += (names.empty() ? "" : ", ") + stream.name;
  return "no stream is called `" + name + "`; there are: " + names;
}

Result<std::unique_ptr<StateSurvey>> StateSurvey::begin(const Config& config) {
  std::unique_ptr<StateSurvey> survey(new StateSurvey(config));
  auto admin = KafkaAdmin::make(config.kafka, nullptr, survey->health_);
  if (!admin) return admin.error();
  survey->admin_ = *std::move(admin);
  auto group = KafkaGroup::make(config.kafka, nullptr, survey->health_);
  if (!group) return group.error();
  survey->group_ = *std::move(group);
  auto scan = KafkaScan::make(config.kafka, nullptr, survey->health_);
  if (!scan) return scan.error();
  survey->scan_ = *std::move(scan);
  return survey;
}

Result<std::vector<SurveyedPartition>> StateSurvey::look(const SurveySelection& selection) {
  const bool is_known =
      selection.stream.empty() ||
      std::ranges::count(config_.streams, selection.stream, &StreamSettings::name) > 0;
  if (!is_known) return Error{no_such_stream(config_, selection.stream)};
  const auto cluster = admin_->look(config_.kafka.topics, kPatience);
  if (!cluster) return cluster.error();
  if (!cluster->missing.empty())
    return Error{"topic " + cluster->missing.front() + " does not exist"};
  if (!cluster->unmatched.empty()) return Error{"no topic matches " + cluster->unmatched.front()};
  std::vector<SurveyedPartition> partitions = selected(*cluster, selection);
  if (partitions.empty() && selection.partition)
    return Error{fmt::format("no input has a partition {}", *selection.partition)};
  if (Result<void> looked = look_again(partitions); !looked) return looked.error();
  return partitions;
}

std::vector<SurveyedPartition> StateSurvey::selected(const ClusterView& cluster,
                                                     const SurveySelection& selection) const {
  const StreamMatcher matcher(config_.streams);
  std::vector<SurveyedPartition> partitions;
  for (const TopicView& topic : cluster.topics) {
    const auto stream = matcher.match(topic.name);
    const bool is_wanted =
        stream && (selection.stream.empty() || config_.streams[*stream].name == selection.stream);
    for (std::int32_t p = 0; is_wanted && p < topic.partitions; ++p) {
      if (selection.partition.value_or(p) != p) continue;
      partitions.push_back({.stream = *stream,
                            .input = {topic.name, p},
                            .state = {state_topic_of(config_.app, topic.name), p}});
    }
  }
  return partitions;
}

/// In a start's order: what is committed, and only then how far the state goes.
Result<void> StateSurvey::look_again(std::vector<SurveyedPartition>& partitions) {
  std::vector<TopicPartition> inputs;
  inputs.reserve(partitions.size());
  for (const SurveyedPartition& one : partitions) inputs.push_back(one.input);
  auto committed = group_->committed(inputs, kPatience);
  if (!committed.answer) return Error{committed.reason};
  for (std::size_t i = 0; i < partitions.size(); ++i)
    partitions[i].committed = std::move((*committed.answer)[i]);
  if (Result<void> found = find_states(partitions); !found) return found;
  const auto marks = admin_->watermarks(inputs, kPatience);
  if (!marks) return marks.error();
  for (std::size_t i = 0; i < partitions.size(); ++i) partitions[i].input_marks = (*marks)[i];
  return {};
}

Result<void> StateSurvey::find_states(std::vector<SurveyedPartition>& partitions) {
  std::vector<std::string> topics;
  for (const SurveyedPartition& one : partitions)
    if (topics.empty() || topics.back() != one.state.topic) topics.push_back(one.state.topic);
  const auto cluster = admin_->look(topics, kPatience);
  if (!cluster) return cluster.error();
  std::vector<TopicPartition> states;
  for (SurveyedPartition& one : partitions) {
    const TopicView* topic = cluster->find(one.state.topic);
    one.has_state = topic != nullptr && one.state.partition < topic->partitions;
    if (one.has_state) states.push_back(one.state);
  }
  const auto marks = admin_->watermarks(states, kPatience);
  if (!marks) return marks.error();
  auto mark = marks->begin();
  for (SurveyedPartition& one : partitions)
    one.state_marks = one.has_state ? *mark++ : Watermarks{};
  return {};
}

}  // namespace tocsin
