// Deleting old records, in the background. Internal to this folder.

#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>

#include "pipeline/kafka/client.h"
#include "pipeline/kafka/kafka_state_log.h"

namespace tocsin {

/// Best effort: what the broker refuses is counted, said once for each kind of error, and not tried
/// again; the next wish is further on anyway.
///
/// Threads: one.
class RecordTrimmer {
 public:
  /// `client` and `health` outlive it.
  RecordTrimmer(rd_kafka_t* client, KafkaLog log, StateLogHealth& health);

  /// Records before `offset` may go.
  void want(const std::string& topic, std::int32_t partition, std::int64_t offset);
  /// Takes an answer, and sends what is wanted, one request at a time. Never waits.
  void serve();

 private:
  void send();
  void note(rd_kafka_event_t* answer);
  void note_failure(rd_kafka_resp_err_t error, const std::string& what);

  rd_kafka_t* client_;
  KafkaLog log_;
  StateLogHealth& health_;
  RdPtr<rd_kafka_queue_t> answers_;
  std::map<std::pair<std::string, std::int32_t>, std::int64_t> wanted_;
  std::set<rd_kafka_resp_err_t> said_;  // Errors that the log has heard of.
  std::size_t under_way_ = 0;           // Partitions of the request under way.
};

}  // namespace tocsin
