// The state log on librdkafka: state topics read for a restore, made, grown and trimmed.

#pragma once

#include <memory>

#include "detectors/result.h"
#include "pipeline/counter.h"
#include "pipeline/kafka/kafka_health.h"
#include "pipeline/kafka/kafka_settings.h"
#include "pipeline/log/log.h"

namespace tocsin {

class KafkaReader;

/// What a state log says of itself.
///
/// Threads: as KafkaHealth.
struct StateLogHealth {
  KafkaHealth client;
  Counter topics_made;
  Counter topics_grown;
  Counter trims;         ///< Partitions whose old records were deleted.
  Counter failed_trims;  ///< Those where the broker would not.
};

/// Makes a state log. `reader` and `health` outlive it: it asks through the reader's second client,
/// and the reader's `wait` returns when a state topic has something to report.
///
/// Records are read by a client that belongs to no group. The watermark of a reading is asked after
/// `begin`, by a read-uncommitted client; missing topics and partitions are made meanwhile, on a
/// thread of its own.
Result<std::unique_ptr<StateLog>> make_kafka_state_log(const KafkaSettings& settings,
                                                       KafkaReader& reader, KafkaLog log,
                                                       StateLogHealth& health);

}  // namespace tocsin
