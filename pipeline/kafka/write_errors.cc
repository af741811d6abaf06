#include "pipeline/kafka/write_errors.h"

#include <string>

namespace tocsin {
namespace {

// Errors that no new attempt, producer or offset can mend: the operator has to.
bool is_hopeless(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_FOR_MESSAGE_FORMAT:
    case RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT:
    case RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE:
    case RD_KAFKA_RESP_ERR__INVALID_ARG:
    case RD_KAFKA_RESP_ERR__NOT_CONFIGURED:
      return true;
    default:
      return is_authorisation(error);
  }
}

WriteStatus status_of(const rd_kafka_error_t* error) {
  const auto code = rd_kafka_error_code(error);
  if (is_hopeless(code)) return WriteStatus::stop;
  if (rd_kafka_error_is_fatal(error) != 0) return WriteStatus::reopen;
  if (rd_kafka_error_txn_requires_abort(error) != 0) return WriteStatus::resend;
  if (rd_kafka_error_is_retriable(error) != 0 || code == RD_KAFKA_RESP_ERR__TIMED_OUT) {
    return WriteStatus::retry;
  }
  return WriteStatus::reopen;  // Unknown: a new producer brings both sides to a known state.
}

}  // namespace

WriteCause cause_of(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID:
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
      return WriteCause::passed;
    case RD_KAFKA_RESP_ERR__FENCED:
    case RD_KAFKA_RESP_ERR_PRODUCER_FENCED:
    case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH:
      return WriteCause::fenced;
    default:
      return WriteCause::other;
  }
}

WriteOutcome folded(const RdPtr<rd_kafka_error_t>& error) {
  if (!error) return {};
  return {status_of(error.get()),
          std::string(rd_kafka_error_name(error.get())) + ": " + rd_kafka_error_string(error.get()),
          cause_of(rd_kafka_error_code(error.get()))};
}

bool is_refusal(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
      return true;
    default:
      return false;
  }
}

WriteStatus status_of_delivery(rd_kafka_resp_err_t error) {
  if (is_hopeless(error) || error == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION ||
      error == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC) {
    return WriteStatus::stop;
  }
  return error == RD_KAFKA_RESP_ERR__FATAL ? WriteStatus::reopen : WriteStatus::resend;
}

}  // namespace tocsin
