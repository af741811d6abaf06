#include "pipeline/kafka/kafka_settings.h"

namespace tocsin {

std::string transactional_id(const KafkaSettings& settings) {
  std::string id = settings.app;
  if (!settings.instance.empty()) id += '-' + settings.instance;
  return id + '-' + std::to_string(settings.lane);
}

}  // namespace tocsin
