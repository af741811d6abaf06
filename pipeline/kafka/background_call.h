// A call that may block, waited for in slices. Internal to this folder.

#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace tocsin {

/// Runs one call at a time on a thread of its own.
///
/// Threads: one caller. What the call wrote may be read once `wait` has said so.
class BackgroundCall {
 public:
  BackgroundCall();
  ~BackgroundCall();  ///< Waits for the call.
  BackgroundCall(const BackgroundCall&) = delete;
  BackgroundCall& operator=(const BackgroundCall&) = delete;

  /// Not while one is under way.
  void start(std::function<void()> call);
  bool is_under_way() const { return is_under_way_; }
  /// True once the call has returned, or when there is none.
  bool wait(std::chrono::milliseconds patience);

 private:
  void work(const std::stop_token& stop);

  bool is_under_way_ = false;  // The caller's view.
  std::mutex mutex_;           // Guards call_.
  std::condition_variable_any changed_;
  std::function<void()> call_;  // Empty once it has returned.
  std::jthread thread_;
};

}  // namespace tocsin
