#include "pipeline/scoring/threaded_refits.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace tocsin {

ThreadedRefits::ThreadedRefits() : thread_([this](const std::stop_token& stop) { work(stop); }) {}

ThreadedRefits::~ThreadedRefits() = default;

RefitRunner::Ticket ThreadedRefits::begin(const Refit& refit, ConstState block) {
  std::vector<std::byte> copy(block.begin(), block.end());
  Ticket ticket = 0;
  {
    const std::lock_guard lock(mutex_);
    ticket = ++last_;
    queued_.push_back({.ticket = ticket, .refit = &refit, .block = std::move(copy)});
  }
  queued_changed_.notify_one();
  return ticket;
}

bool ThreadedRefits::is_done(Ticket ticket) const {
  const std::lock_guard lock(mutex_);
  return finished_.contains(ticket);
}

RefitRunner::Finished ThreadedRefits::take(Ticket ticket) {
  std::unique_lock lock(mutex_);
  finished_changed_.wait(lock, [&] { return finished_.contains(ticket); });
  auto node = finished_.extract(ticket);
  return std::move(node.mapped());
}

void ThreadedRefits::drop(Ticket ticket) {
  std::unique_lock lock(mutex_);
  std::erase_if(queued_, [&](const Job& job) { return job.ticket == ticket; });
  finished_changed_.wait(lock, [&] { return running_ != ticket; });
  finished_.erase(ticket);
}

void ThreadedRefits::work(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (queued_changed_.wait(lock, stop, [&] { return !queued_.empty(); })) {
    if (stop.stop_requested()) return;
    const Job job = std::move(queued_.front());
    queued_.pop_front();
    running_ = job.ticket;

    lock.unlock();
    const auto began = std::chrono::steady_clock::now();  // For the metric only.
    Finished finished{.result = std::vector<std::byte>(job.refit->result_bytes())};
    job.refit->run(job.block, finished.result);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    finished.seconds = took.count();
    lock.lock();

    running_ = 0;
    finished_.emplace(job.ticket, std::move(finished));
    finished_changed_.notify_all();
  }
}

}  // namespace tocsin
