#include "daemon/shutdown.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <utility>

namespace tocsin {
namespace {

sigset_t handled_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, signal);
  return set;
}

}  // namespace

Shutdown::Shutdown(SignalHandler heard) : heard_(std::move(heard)) {
  const sigset_t set = handled_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  signals_ = signalfd(-1, &set, SFD_CLOEXEC);
  wake_ = eventfd(0, EFD_CLOEXEC);
  thread_ = std::jthread([this] { listen(); });
}

Shutdown::~Shutdown() {
  const std::uint64_t one = 1;
  // An eventfd that has room takes eight bytes; there is nothing to do if it did not.
  [[maybe_unused]] const ssize_t written = write(wake_, &one, sizeof one);
  thread_.join();
  close(signals_);
  close(wake_);
}

void Shutdown::listen() {
  std::array<pollfd, 2> waiting{{{.fd = signals_, .events = POLLIN, .revents = 0},
                                 {.fd = wake_, .events = POLLIN, .revents = 0}}};
  while (true) {
    if (poll(waiting.data(), waiting.size(), -1) < 0) continue;  // Interrupted.
    if ((waiting[1].revents & POLLIN) != 0) return;
    signalfd_siginfo signal{};
    if (read(signals_, &signal, sizeof signal) != sizeof signal) continue;
    const int number = static_cast<int>(signal.ssi_signo);
    heard_(number);
    if (number == SIGHUP) continue;
    if (stop_.stop_requested()) _exit(128 + number);
    stop_.request_stop();
  }
}

}  // namespace tocsin
