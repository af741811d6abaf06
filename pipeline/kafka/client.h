// librdkafka's handles with an owner, and how a client of it is made.
//
// Internal to this folder, with the other headers that include librdkafka: what the rest of the
// project includes does not.

#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "detectors/result.h"
#include "pipeline/kafka/kafka_health.h"
#include "pipeline/kafka/kafka_settings.h"

namespace tocsin {

/// Ends every kind of librdkafka handle that we own.
struct RdDeleter {
  void operator()(rd_kafka_t* client) const { rd_kafka_destroy(client); }
  void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
  void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
  void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
  void operator()(rd_kafka_event_t* event) const { rd_kafka_event_destroy(event); }
  void operator()(rd_kafka_error_t* error) const { rd_kafka_error_destroy(error); }
  void operator()(const rd_kafka_metadata_t* data) const { rd_kafka_metadata_destroy(data); }
  void operator()(rd_kafka_topic_partition_list_t* list) const {
    rd_kafka_topic_partition_list_destroy(list);
  }
  void operator()(rd_kafka_consumer_group_metadata_t* group) const {
    rd_kafka_consumer_group_metadata_destroy(group);
  }
};
template <class T>
using RdPtr = std::unique_ptr<T, RdDeleter>;

using Properties = std::vector<std::pair<std::string, std::string>>;
enum class ClientKind : std::uint8_t { consumer, producer };

/// What the callbacks of one client write to. Outlives the client.
///
/// Threads: `log` from any; the rest only from the thread that polls the client.
struct ClientContext {
  KafkaLog log;
  KafkaHealth* health = nullptr;
  void* owner = nullptr;            ///< The reader or writer, for its own callbacks.
  std::optional<std::string> dead;  ///< Set once the client can do nothing more.
  bool is_forbidden = false;        ///< `dead` because it may not, so that reopening is no help.
};

/// Makes a client with our properties, then the user's as far as this kind of client knows them.
/// `prepare` adds callbacks. The error says what the user has to change.
Result<RdPtr<rd_kafka_t>> make_client(ClientKind kind, const KafkaSettings& settings,
                                      const Properties& ours, ClientContext& context,
                                      void (*prepare)(rd_kafka_conf_t*));

/// Ends a consumer without a word to its group, within a few seconds: one that has read a topic
/// that was deleted never ends in librdkafka 2.0, and is then left to the end of the process,
/// silent. No queue, topic or other handle of it may be in use.
void end_consumer(RdPtr<rd_kafka_t> client);

/// True for errors that say: you may not. Waiting does not help.
bool is_authorisation(rd_kafka_resp_err_t error);

/// True when the installed librdkafka knows a property of this name.
bool has_property(std::string_view name);

}  // namespace tocsin
