#include "pipeline/kafka/kafka_writer.h"

#include <utility>

#include "pipeline/kafka/kafka_reader.h"
#include "pipeline/kafka/plain_writer.h"
#include "pipeline/kafka/transactional_writer.h"

namespace tocsin {

std::unique_ptr<LogWriter> make_kafka_writer(const KafkaSettings& settings, KafkaReader* reader,
                                             KafkaLog log, KafkaHealth& health) {
  if (settings.delivery == Delivery::exactly_once) {
    return std::make_unique<TransactionalWriter>(settings, std::move(log), health);
  }
  return std::make_unique<PlainWriter>(settings, reader != nullptr ? reader->client() : nullptr,
                                       std::move(log), health);
}

}  // namespace tocsin
