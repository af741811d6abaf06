// What can be asked of topics: how wide they are, to be made, to grow. Internal to this folder.
//
// Every call waits for its answer, so they are made at the start or on a thread of their own.

#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/kafka/client.h"
#include "pipeline/kafka/kafka_admin.h"

namespace tocsin {

/// Ends the handles of librdkafka's administrative requests.
struct RequestDeleter {
  void operator()(rd_kafka_ConfigResource_t* resource) const {
    rd_kafka_ConfigResource_destroy(resource);
  }
  void operator()(rd_kafka_NewTopic_t* topic) const { rd_kafka_NewTopic_destroy(topic); }
  void operator()(rd_kafka_NewPartitions_t* more) const { rd_kafka_NewPartitions_destroy(more); }
  void operator()(rd_kafka_DeleteRecords_t* records) const {
    rd_kafka_DeleteRecords_destroy(records);
  }
  void operator()(rd_kafka_AlterConsumerGroupOffsets_t* offsets) const {
    rd_kafka_AlterConsumerGroupOffsets_destroy(offsets);
  }
  void operator()(rd_kafka_AdminOptions_t* options) const {
    rd_kafka_AdminOptions_destroy(options);
  }
};
template <class T>
using RequestPtr = std::unique_ptr<T, RequestDeleter>;

/// An answer may take so much longer than the broker's own patience.
inline constexpr std::chrono::milliseconds kAnswerGrace{1000};

RequestPtr<rd_kafka_AdminOptions_t> options_for(rd_kafka_t* client, rd_kafka_admin_op_t operation,
                                                std::chrono::milliseconds patience);

/// What became of a request.
struct TopicAnswer {
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::string reason;           ///< In words; empty without an error.
  std::int32_t partitions = 0;  ///< Of the topic, where that was asked; 0: there is no such topic.

  bool is_ok() const { return error == RD_KAFKA_RESP_ERR_NO_ERROR; }
  /// The broker knows no such request: librdkafka's mock cluster, or a very old one.
  bool is_unsupported() const;
  bool is_there_already() const { return error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS; }
  /// The broker will not, however often it is asked.
  bool is_refused() const;
};

/// False for librdkafka's mock cluster, which names a controller that it does not have: a request
/// that is for the controller would wait for it until its time is over.
bool has_controller(rd_kafka_t* client, const rd_kafka_metadata_t& cluster);

TopicAnswer ask_partitions_of(rd_kafka_t* client, const std::string& topic,
                              std::chrono::milliseconds patience);
/// One that exists already is left as it is, and that is said by `is_there_already`.
TopicAnswer ask_for_topic(rd_kafka_t* client, const NewTopic& topic,
                          std::chrono::milliseconds patience);
/// `partitions`: of the topic, afterwards.
TopicAnswer ask_for_partitions(rd_kafka_t* client, const std::string& topic,
                               std::int32_t partitions, std::chrono::milliseconds patience);

}  // namespace tocsin
