#include "pipeline/flow/emit_links.h"

#include <utility>

namespace tocsin {

void EmitLinks::order(EpochOrder order) {
  {
    const std::lock_guard lock(mutex_);
    orders_.push_back(std::move(order));
  }
  emit_bell.ring();
}

std::optional<EpochOrder> EmitLinks::take_order() {
  const std::lock_guard lock(mutex_);
  if (orders_.empty()) return std::nullopt;
  EpochOrder first = std::move(orders_.front());
  orders_.pop_front();
  return first;
}

void EmitLinks::ask(SettlementQuestion question) {
  {
    const std::lock_guard lock(mutex_);
    question_ = question;
    answer_.reset();
  }
  ingest_bell.ring();
}

std::optional<SettlementQuestion> EmitLinks::question() const {
  const std::lock_guard lock(mutex_);
  return question_;
}

void EmitLinks::answer(bool is_committed) {
  {
    const std::lock_guard lock(mutex_);
    question_.reset();
    answer_ = is_committed;
  }
  emit_bell.ring();
}

std::optional<bool> EmitLinks::take_answer() {
  const std::lock_guard lock(mutex_);
  return std::exchange(answer_, std::nullopt);
}

void EmitLinks::trim(TrimOrder order) {
  const std::lock_guard lock(mutex_);
  trims_.push_back(std::move(order));
}

std::optional<TrimOrder> EmitLinks::take_trim() {
  const std::lock_guard lock(mutex_);
  if (trims_.empty()) return std::nullopt;
  TrimOrder first = std::move(trims_.front());
  trims_.pop_front();
  return first;
}

}  // namespace tocsin
