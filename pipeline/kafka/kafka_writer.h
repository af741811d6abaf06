// The log's writer on librdkafka: a transactional producer, or one that is not.

#pragma once

#include <memory>

#include "pipeline/kafka/kafka_health.h"
#include "pipeline/kafka/kafka_settings.h"
#include "pipeline/log/log.h"

namespace tocsin {

class KafkaReader;

/// Makes the writer of a lane for `settings.delivery`; it writes to `settings.output_topics`.
///
/// Exactly once: one transactional producer; offsets go into its transactions. At least once: an
/// idempotent producer; `commit` commits the offsets through `reader`, which is used by nothing
/// else and may be null otherwise, or where there are none. `reader` and `health` outlive the
/// writer, and the reader is not closed before the last commit.
///
/// Records are not copied: views stay in use until `flush` or `abort` is ok, or until `open` has
/// made a new producer. A record without a key goes where an empty key would. Once a record is
/// refused its transaction cannot be committed: `flush` is ok (others may not have been stored),
/// `send_offsets` and `commit` answer resend, and after `abort` the others are sent again with a
/// substitute.
std::unique_ptr<LogWriter> make_kafka_writer(const KafkaSettings& settings, KafkaReader* reader,
                                             KafkaLog log, KafkaHealth& health);

}  // namespace tocsin
