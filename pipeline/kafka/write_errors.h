// Folding librdkafka's errors into what a writer's caller has to do. Internal to this folder.

#pragma once

#include "pipeline/kafka/client.h"
#include "pipeline/log/log.h"

namespace tocsin {

/// The outcome of a transactional call; ok for no error.
WriteOutcome folded(const RdPtr<rd_kafka_error_t>& error);

WriteCause cause_of(rd_kafka_resp_err_t code);

/// True when the broker or librdkafka will never take this record.
bool is_refusal(rd_kafka_resp_err_t error);

/// What an error of a record's delivery means for its transaction.
WriteStatus status_of_delivery(rd_kafka_resp_err_t error);

}  // namespace tocsin
