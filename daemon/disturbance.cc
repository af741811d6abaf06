#include "daemon/disturbance.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace tocsin {
namespace {

using Clock = std::chrono::steady_clock;

/// Above this, one burst of CPU more does not stand out.
constexpr double kBusyPercentMax = 40;
constexpr unsigned kSenders = 200;
constexpr int kLowestPriority = 19;

void burn(Clock::time_point end, const std::stop_token& stop) {
  std::atomic<std::uint64_t> work{1};  // Atomic, so that the loop is not optimised away.
  while (Clock::now() < end && !stop.stop_requested()) {
    for (int i = 0; i < 100'000; ++i) {
      work.store(work.load(std::memory_order_relaxed) * 6364136223846793005U + 1,
                 std::memory_order_relaxed);
    }
  }
}

/// Does `work` in that many threads of the lowest priority: whatever else runs here goes first.
void in_threads(unsigned count, const std::function<void()>& work) {
  std::vector<std::jthread> threads;
  for (unsigned i = 0; i < count; ++i) {
    threads.emplace_back([&work] {
      setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kLowestPriority);
      work();
    });
  }
}

/// A UDP socket on loopback that sends to itself; -1: none can be had.
int socket_to_itself() {
  const int socket_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (bind(socket_fd, any, length) == 0 && getsockname(socket_fd, any, &length) == 0 &&
      connect(socket_fd, any, length) == 0) {
    return socket_fd;
  }
  close(socket_fd);
  return -1;
}

/// Nobody reads: the kernel counts what it carries, then drops it.
void send_over_loopback(Clock::time_point end, const std::stop_token& stop) {
  constexpr std::chrono::milliseconds kPause{60};
  const std::vector<char> datagram(32U << 10U, 'x');
  const int socket_fd = socket_to_itself();
  std::mutex mutex;
  std::condition_variable_any woken;
  std::unique_lock lock(mutex);
  while (Clock::now() < end && !stop.stop_requested()) {
    send(socket_fd, datagram.data(), datagram.size(), MSG_DONTWAIT);
    woken.wait_for(lock, stop, kPause, [] { return false; });
  }
  close(socket_fd);
}

}  // namespace

Disturbance fitting_disturbance(double busy_percent) {
  return busy_percent > kBusyPercentMax ? Disturbance::network : Disturbance::cpu;
}

Disturbance other_than(Disturbance disturbance) {
  return disturbance == Disturbance::cpu ? Disturbance::network : Disturbance::cpu;
}

std::string describe(Disturbance disturbance) {
  return disturbance == Disturbance::cpu ? "every CPU is kept busy"
                                         : "200 threads flood the loopback interface";
}

void disturb(Disturbance disturbance, std::chrono::milliseconds duration,
             const std::stop_token& stop) {
  const Clock::time_point end = Clock::now() + duration;
  if (disturbance == Disturbance::cpu) {
    in_threads(std::max(1U, std::thread::hardware_concurrency()), [&] { burn(end, stop); });
  } else {
    in_threads(kSenders, [&] { send_over_loopback(end, stop); });
  }
}

}  // namespace tocsin
