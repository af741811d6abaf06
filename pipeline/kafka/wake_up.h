// Waiting for librdkafka's queues without polling them. Internal to this folder.

#pragma once

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>

#include "pipeline/kafka/client.h"

namespace tocsin {

/// Becomes readable when librdkafka puts something into a queue that was empty.
///
/// Threads: one; `ring` from any, librdkafka's write to it from theirs.
class WakeUp {
 public:
  WakeUp() : fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}
  ~WakeUp() { ::close(fd_); }
  WakeUp(const WakeUp&) = delete;
  WakeUp& operator=(const WakeUp&) = delete;

  void listen_to(rd_kafka_queue_t* queue) const {
    constexpr std::uint64_t kOne = 1;
    rd_kafka_queue_io_event_enable(queue, fd_, &kOne, sizeof kOne);
  }
  /// As if something had been put into a queue. From any thread.
  void ring() const {
    constexpr std::uint64_t kOne = 1;
    [[maybe_unused]] const auto size = ::write(fd_, &kOne, sizeof kOne);
  }
  /// Queues are to be served after it and before the next: it forgets what woke it.
  void wait(std::chrono::milliseconds patience) const {
    pollfd watched{.fd = fd_, .events = POLLIN, .revents = 0};
    if (::poll(&watched, 1, static_cast<int>(patience.count())) <= 0) return;
    std::uint64_t count = 0;
    [[maybe_unused]] const auto size = ::read(fd_, &count, sizeof count);
  }

 private:
  int fd_;
};

}  // namespace tocsin
