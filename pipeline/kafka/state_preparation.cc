#include "pipeline/kafka/state_preparation.h"

#include <chrono>

#include "pipeline/kafka/offset_queries.h"
#include "pipeline/kafka/state_topic.h"
#include "pipeline/kafka/topic_requests.h"

namespace tocsin {
namespace {

constexpr std::chrono::milliseconds kPatience{1000};

Preparation waiting(std::string reason) {
  return {.marks = std::nullopt, .waiting_for = std::move(reason)};
}

// What an answer other than "ok" means.
Preparation failed(const std::string& what, const TopicAnswer& answer) {
  return {.marks = std::nullopt,
          .waiting_for = what + ": " + answer.reason,
          .is_forbidden = is_authorisation(answer.error)};
}

// For brokers that cannot do it for us.
std::string by_hand(const std::string& what, std::int32_t partitions) {
  return what + "; do it by hand: " + std::to_string(partitions) +
         " partitions, cleanup.policy=delete, retention.ms=-1, retention.bytes=-1";
}

}  // namespace

Preparation StatePreparation::attempt(rd_kafka_t* client, const StatePartition& place) {
  if (auto trouble = make_room(client, place)) return *std::move(trouble);
  if (is_stopping_) return waiting("stopping");
  auto asked = ask_watermarks(client, {.topic = place.topic, .partition = place.partition});
  if (asked.answer) return {.marks = asked.answer, .waiting_for = {}};
  partitions_.erase(place.topic);  // It may have been deleted meanwhile.
  return {.marks = std::nullopt,
          .waiting_for = std::move(asked.reason),
          .is_forbidden = asked.is_forbidden};
}

std::optional<Preparation> StatePreparation::make_room(rd_kafka_t* client,
                                                       const StatePartition& place) {
  const auto known = partitions_.find(place.topic);
  if (known != partitions_.end() && place.partition < known->second) return std::nullopt;
  const TopicAnswer state = ask_partitions_of(client, place.topic, kPatience);
  if (!state.is_ok()) return failed("state topic " + place.topic, state);
  if (place.partition < state.partitions) {
    partitions_[place.topic] = state.partitions;
    return std::nullopt;
  }
  if (is_stopping_) return waiting("stopping");
  const TopicAnswer input = ask_partitions_of(client, place.input, kPatience);
  if (!input.is_ok()) return failed("topic " + place.input, input);
  if (input.partitions <= place.partition) {
    return waiting("topic " + place.input + " has no partition " + std::to_string(place.partition));
  }
  if (is_stopping_) return waiting("stopping");
  return state.partitions == 0 ? make(client, place, input.partitions)
                               : grow(client, place, input.partitions);
}

Preparation StatePreparation::make(rd_kafka_t* client, const StatePartition& place,
                                   std::int32_t partitions) {
  const std::string what = "state topic " + place.topic + " cannot be made";
  const TopicAnswer made =
      ask_for_topic(client, new_state_topic(place.topic, partitions, replication_), kPatience);
  if (made.is_there_already()) return waiting("state topic " + place.topic + " is being made");
  if (made.is_unsupported()) return waiting(by_hand(what, partitions));
  if (!made.is_ok()) return failed(what, made);
  health_.topics_made.add();
  tell("made state topic " + place.topic + " with " + std::to_string(partitions) + " partitions");
  return waiting("state topic " + place.topic + " has just been made");
}

Preparation StatePreparation::grow(rd_kafka_t* client, const StatePartition& place,
                                   std::int32_t partitions) {
  const std::string what = "state topic " + place.topic + " cannot be given more partitions";
  const TopicAnswer grown = ask_for_partitions(client, place.topic, partitions, kPatience);
  if (grown.is_unsupported()) return waiting(by_hand(what, partitions));
  if (!grown.is_ok()) return failed(what, grown);
  health_.topics_grown.add();
  tell("state topic " + place.topic + " was given " + std::to_string(partitions) + " partitions");
  return waiting("state topic " + place.topic + " has just been given more partitions");
}

void StatePreparation::tell(const std::string& text) const {
  constexpr int kNotice = 5;
  if (log_) log_(kNotice, "STATE", text);
}

}  // namespace tocsin
