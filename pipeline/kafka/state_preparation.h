// Making sure that a state partition exists, and how far it reaches. Internal to this folder.

#pragma once

#include <atomic>
#include <map>
#include <optional>
#include <string>

#include "pipeline/kafka/client.h"
#include "pipeline/kafka/kafka_state_log.h"

namespace tocsin {

/// A partition of a state topic, and the input that it belongs to.
struct StatePartition {
  std::string topic;
  std::string input;
  std::int32_t partition = 0;
};

/// What one attempt has come to.
struct Preparation {
  std::optional<Watermarks> marks;  ///< Set: it exists and reaches from low to high.
  std::string waiting_for;          ///< Else why not yet, or why never.
  bool is_forbidden = false;        ///< No waiting mends it.
};

/// Threads: one at a time, which may be another than the maker's; `stop` from any.
class StatePreparation {
 public:
  /// `health` outlives it.
  StatePreparation(std::int16_t replication, KafkaLog log, StateLogHealth& health)
      : replication_(replication), log_(std::move(log)), health_(health) {}

  /// One attempt, of a few seconds at most. The high watermark is asked in it, by `client`, which
  /// is read-uncommitted.
  Preparation attempt(rd_kafka_t* client, const StatePartition& place);
  /// Makes an attempt end as soon as it can.
  void stop() { is_stopping_ = true; }

 private:
  /// Nothing, when the topic has that partition.
  std::optional<Preparation> make_room(rd_kafka_t* client, const StatePartition& place);
  Preparation make(rd_kafka_t* client, const StatePartition& place, std::int32_t partitions);
  Preparation grow(rd_kafka_t* client, const StatePartition& place, std::int32_t partitions);
  void tell(const std::string& text) const;

  const std::int16_t replication_;
  const KafkaLog log_;
  StateLogHealth& health_;
  std::map<std::string, std::int32_t> partitions_;  // Of the topics that are known to exist.
  std::atomic<bool> is_stopping_{false};
};

}  // namespace tocsin
