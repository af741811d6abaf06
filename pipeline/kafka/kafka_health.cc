#include "pipeline/kafka/kafka_health.h"

#include <utility>

namespace tocsin {

std::string KafkaHealth::last_error() const {
  const std::lock_guard lock(mutex_);
  return last_error_;
}

void KafkaHealth::note_error(std::string text) {
  errors.add();
  const std::lock_guard lock(mutex_);
  last_error_ = std::move(text);
}

}  // namespace tocsin
