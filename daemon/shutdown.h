// Signals, turned into words that threads understand.

#pragma once

#include <functional>
#include <stop_token>
#include <thread>

namespace tocsin {

/// Turns the first SIGTERM or SIGINT into a stop request.
///
/// The second ends the process at once, for a person who does not want to wait for a drain.
/// SIGHUP is not supported yet: it is reported and otherwise ignored. SIGPIPE is ignored.
///
/// Construct it before any other thread: signals are blocked in the constructing thread, which
/// those made later inherit, and taken by one thread of its own.
/// Threads: `token` from any.
class Shutdown {
 public:
  using SignalHandler = std::function<void(int signal)>;

  /// `heard` is called for every signal, on this object's own thread.
  explicit Shutdown(SignalHandler heard);
  ~Shutdown();
  Shutdown(const Shutdown&) = delete;
  Shutdown& operator=(const Shutdown&) = delete;

  std::stop_token token() const { return stop_.get_token(); }
  /// As if the process had been asked to end.
  void request_stop() { stop_.request_stop(); }

 private:
  void listen();

  SignalHandler heard_;
  std::stop_source stop_;
  int signals_ = -1;  ///< A signalfd.
  int wake_ = -1;     ///< An eventfd that ends the thread.
  std::jthread thread_;
};

}  // namespace tocsin
