#include "pipeline/kafka/topic_requests.h"

#include <algorithm>
#include <array>
#include <span>

namespace tocsin {
namespace {

using std::chrono::milliseconds;

TopicAnswer answer_of(rd_kafka_resp_err_t error, const char* words) {
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  TopicAnswer answer{.error = error, .reason = rd_kafka_err2name(error)};
  answer.reason += ": ";
  answer.reason += words != nullptr && *words != '\0' ? words : rd_kafka_err2str(error);
  return answer;
}

// What an event says of the one topic that was asked for.
TopicAnswer answer_in(rd_kafka_queue_t* answers, milliseconds patience) {
  const RdPtr<rd_kafka_event_t> event(
      rd_kafka_queue_poll(answers, static_cast<int>((patience + kAnswerGrace).count())));
  if (!event) return answer_of(RD_KAFKA_RESP_ERR__TIMED_OUT, "nobody answers");
  const auto error = rd_kafka_event_error(event.get());
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return answer_of(error, rd_kafka_event_error_string(event.get()));
  }
  std::size_t count = 0;
  const rd_kafka_topic_result_t** topics = nullptr;
  if (const auto* made = rd_kafka_event_CreateTopics_result(event.get()); made != nullptr) {
    topics = rd_kafka_CreateTopics_result_topics(made, &count);
  } else if (const auto* grown = rd_kafka_event_CreatePartitions_result(event.get());
             grown != nullptr) {
    topics = rd_kafka_CreatePartitions_result_topics(grown, &count);
  }
  if (count != 1) return answer_of(RD_KAFKA_RESP_ERR__BAD_MSG, "an odd answer");
  return answer_of(rd_kafka_topic_result_error(*topics),
                   rd_kafka_topic_result_error_string(*topics));
}

// Why nobody would make a topic now.
TopicAnswer controller_trouble(rd_kafka_t* client, milliseconds patience) {
  const rd_kafka_metadata_t* data = nullptr;
  const auto error =
      rd_kafka_metadata(client, 0, nullptr, &data, static_cast<int>(patience.count()));
  const RdPtr<const rd_kafka_metadata_t> owner(data);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return answer_of(error, nullptr);
  if (has_controller(client, *data)) return {};
  return answer_of(RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE, "there is no controller");
}

}  // namespace

RequestPtr<rd_kafka_AdminOptions_t> options_for(rd_kafka_t* client, rd_kafka_admin_op_t operation,
                                                milliseconds patience) {
  RequestPtr<rd_kafka_AdminOptions_t> options(rd_kafka_AdminOptions_new(client, operation));
  std::array<char, 256> why{};
  const auto timeout = static_cast<int>(patience.count());
  rd_kafka_AdminOptions_set_request_timeout(options.get(), timeout, why.data(), why.size());
  rd_kafka_AdminOptions_set_operation_timeout(options.get(), timeout, why.data(), why.size());
  return options;
}

bool TopicAnswer::is_unsupported() const {
  return error == RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE ||
         error == RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION;
}

bool TopicAnswer::is_refused() const {
  switch (error) {
    case RD_KAFKA_RESP_ERR__INVALID_ARG:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR:
    case RD_KAFKA_RESP_ERR_INVALID_CONFIG:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
      return true;
    default:
      return is_authorisation(error);
  }
}

bool has_controller(rd_kafka_t* client, const rd_kafka_metadata_t& cluster) {
  const std::int32_t controller = rd_kafka_controllerid(client, 0);
  const std::span brokers(cluster.brokers, static_cast<std::size_t>(cluster.broker_cnt));
  return controller < 0 ||  // Not yet known: there is one, or there will be.
         std::ranges::any_of(brokers, [=](const auto& broker) { return broker.id == controller; });
}

TopicAnswer ask_partitions_of(rd_kafka_t* client, const std::string& topic, milliseconds patience) {
  const RdPtr<rd_kafka_topic_t> handle(rd_kafka_topic_new(client, topic.c_str(), nullptr));
  if (!handle) return answer_of(rd_kafka_last_error(), nullptr);
  const rd_kafka_metadata_t* data = nullptr;
  const auto error =
      rd_kafka_metadata(client, 0, handle.get(), &data, static_cast<int>(patience.count()));
  const RdPtr<const rd_kafka_metadata_t> owner(data);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return answer_of(error, nullptr);
  if (data->topic_cnt != 1) return {};
  const rd_kafka_metadata_topic_t& found = data->topics[0];
  if (found.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) return {};
  TopicAnswer answer = answer_of(found.err, nullptr);
  answer.partitions = found.partition_cnt;
  return answer;
}

TopicAnswer ask_for_topic(rd_kafka_t* client, const NewTopic& topic, milliseconds patience) {
  if (TopicAnswer trouble = controller_trouble(client, patience); !trouble.is_ok()) return trouble;
  std::array<char, 256> why{};
  const RequestPtr<rd_kafka_NewTopic_t> asked(rd_kafka_NewTopic_new(
      topic.name.c_str(), topic.partitions, topic.replication, why.data(), why.size()));
  if (!asked) return answer_of(RD_KAFKA_RESP_ERR__INVALID_ARG, why.data());
  for (const auto& [name, value] : topic.config) {
    rd_kafka_NewTopic_set_config(asked.get(), name.c_str(), value.c_str());
  }
  const auto options = options_for(client, RD_KAFKA_ADMIN_OP_CREATETOPICS, patience);
  const RdPtr<rd_kafka_queue_t> answers(rd_kafka_queue_new(client));
  rd_kafka_NewTopic_t* pointer = asked.get();
  rd_kafka_CreateTopics(client, &pointer, 1, options.get(), answers.get());
  return answer_in(answers.get(), patience);
}

TopicAnswer ask_for_partitions(rd_kafka_t* client, const std::string& topic,
                               std::int32_t partitions, milliseconds patience) {
  if (TopicAnswer trouble = controller_trouble(client, patience); !trouble.is_ok()) return trouble;
  std::array<char, 256> why{};
  const RequestPtr<rd_kafka_NewPartitions_t> asked(rd_kafka_NewPartitions_new(
      topic.c_str(), static_cast<std::size_t>(partitions), why.data(), why.size()));
  if (!asked) return answer_of(RD_KAFKA_RESP_ERR__INVALID_ARG, why.data());
  const auto options = options_for(client, RD_KAFKA_ADMIN_OP_CREATEPARTITIONS, patience);
  const RdPtr<rd_kafka_queue_t> answers(rd_kafka_queue_new(client));
  rd_kafka_NewPartitions_t* pointer = asked.get();
  rd_kafka_CreatePartitions(client, &pointer, 1, options.get(), answers.get());
  return answer_in(answers.get(), patience);
}

}  // namespace tocsin
