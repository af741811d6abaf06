// Refits computed by a thread of their own.

#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <stop_token>
#include <thread>

#include "pipeline/scoring/partition.h"

namespace tocsin {

/// One thread that computes jobs in the order in which they began, and sleeps when there is none.
///
/// Threads: all calls from any thread.
class ThreadedRefits final : public RefitRunner {
 public:
  ThreadedRefits();
  /// Jobs that have not begun are dropped; the one being computed is finished first.
  ~ThreadedRefits() override;
  ThreadedRefits(const ThreadedRefits&) = delete;
  ThreadedRefits& operator=(const ThreadedRefits&) = delete;

  Ticket begin(const Refit& refit, ConstState block) override;
  bool is_done(Ticket ticket) const override;
  Finished take(Ticket ticket) override;
  /// Waits if the job is being computed: afterwards nothing uses its `Refit`.
  void drop(Ticket ticket) override;

 private:
  struct Job {
    Ticket ticket = 0;
    const Refit* refit = nullptr;
    std::vector<std::byte> block;
  };

  void work(const std::stop_token& stop);

  mutable std::mutex mutex_;  // Guards all below but the thread.
  std::condition_variable_any queued_changed_;
  std::condition_variable finished_changed_;
  Ticket last_ = 0;
  std::deque<Job> queued_;
  Ticket running_ = 0;  // 0: none
  std::map<Ticket, Finished> finished_;
  std::jthread thread_;  // Last: it ends before what it uses.
};

}  // namespace tocsin
