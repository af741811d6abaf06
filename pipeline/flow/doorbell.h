// How a thread with nothing to do waits for one that has something for it.

#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>

namespace tocsin {

/// A bell that remembers having been rung. The sleeper looks for work once more between `prepare`
/// and `wait`, so that no ring is missed; ringing costs one load while nobody sleeps.
///
/// Threads: one sleeps; any ring.
class Doorbell {
 public:
  void ring() {
    std::atomic_thread_fence(std::memory_order_seq_cst);
    if (!is_asleep_.load(std::memory_order_relaxed)) return;
    const std::lock_guard lock(mutex_);
    is_asleep_.store(false, std::memory_order_relaxed);
    woken_.notify_one();
  }

  /// From here on a ring is remembered. Look for work now, then `wait` or `cancel`.
  void prepare() {
    is_asleep_.store(true, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_seq_cst);
  }
  void cancel() { is_asleep_.store(false, std::memory_order_relaxed); }

  /// Until rung, at most `patience`.
  void wait(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    woken_.wait_for(lock, patience, [this] { return !is_asleep_.load(std::memory_order_relaxed); });
    is_asleep_.store(false, std::memory_order_relaxed);
  }

 private:
  std::atomic<bool> is_asleep_{false};
  std::mutex mutex_;  // Guards the wait, not the flag.
  std::condition_variable woken_;
};

}  // namespace tocsin
