#include "pipeline/kafka/background_call.h"

#include <cassert>
#include <utility>

namespace tocsin {

BackgroundCall::BackgroundCall() : thread_([this](const std::stop_token& stop) { work(stop); }) {}

BackgroundCall::~BackgroundCall() = default;

void BackgroundCall::start(std::function<void()> call) {
  assert(!is_under_way_);
  {
    const std::lock_guard lock(mutex_);
    call_ = std::move(call);
  }
  is_under_way_ = true;
  changed_.notify_all();
}

bool BackgroundCall::wait(std::chrono::milliseconds patience) {
  if (!is_under_way_) return true;
  std::unique_lock lock(mutex_);
  is_under_way_ = !changed_.wait_for(lock, patience, [this] { return call_ == nullptr; });
  return !is_under_way_;
}

void BackgroundCall::work(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [this] { return call_ != nullptr; })) {
    lock.unlock();
    call_();
    lock.lock();
    call_ = nullptr;
    changed_.notify_all();
  }
}

}  // namespace tocsin
