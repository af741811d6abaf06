// How to reach Kafka, and as whom.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace tocsin {

enum class Delivery : std::uint8_t { exactly_once, at_least_once };

/// Everything the Kafka log needs to know.
struct KafkaSettings {
  std::string app;  ///< Group id, and the prefix of transactional ids.
  std::vector<std::string> brokers;
  /// librdkafka properties of the user, tried while checking; applied to consumer, producer or
  /// both, as each knows them.
  std::vector<std::pair<std::string, std::string>> properties;
  Delivery delivery = Delivery::exactly_once;
  std::vector<std::string> topics;         ///< To read: names, and expressions that begin with `^`.
  std::vector<std::string> output_topics;  ///< By index, as `WriteRecord::topic` names them.
  std::vector<std::string> never_read;     ///< Own topics, as in `topics`: never subscribed to.
  std::string instance;                    ///< Static member id, from POD_NAME or the host name.
  int lane = 0;
  int transaction_timeout_ms = 15'000;
  std::int16_t state_replication = -1;  ///< Of state topics that we make; -1: the broker's default.
  /// Keys and values read ahead; librdkafka keeps about 300 bytes more a record. It should hold
  /// 1.5 s of the busiest input: a full queue stops fetching for a second in librdkafka 2.0.
  std::size_t fetch_queue_bytes = 128U << 20U;
  /// Of records sent together. Not above the smallest `max.message.bytes` of the output topics:
  /// a batch that is too large is refused whole.
  std::size_t batch_bytes_max = 1'000'000;
};

/// The name under which a lane's producer is fenced: stable over restarts, so that a successor ends
/// at once what its predecessor left open.
std::string transactional_id(const KafkaSettings& settings);

}  // namespace tocsin
