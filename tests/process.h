// A child process with its outputs, for tests of programs.

#pragma once

#include <sys/types.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace tocsin {

/// A running program. What is left of it when the object goes is killed.
///
/// Threads: one.
class Process {
 public:
  /// Starts `program` in `directory` with nothing on standard input; neither output is a terminal.
  Process(const std::string& program, std::vector<std::string> arguments,
          const std::string& directory = ".");
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void signal(int number) const;
  /// Waits until `text` is in standard error, and returns all of it so far; empty: the process
  /// ended, or `patience` did, before.
  std::optional<std::string> await_error(const std::string& text, std::chrono::seconds patience);

  /// Whether it ends within `patience`.
  bool ends_within(std::chrono::milliseconds patience) const;

  struct Ended {
    int exit_code = -1;  ///< 128 + signal when a signal ended it; -1: it had to be killed.
    std::string out;
    std::string err;
  };
  /// Waits for its end; kills it after `patience`.
  Ended wait(std::chrono::seconds patience);

 private:
  void collect(int descriptor, std::string& into);

  pid_t pid_ = -1;
  int exit_descriptor_ = -1;  ///< A pidfd.
  bool is_reaped_ = false;
  std::mutex mutex_;  ///< Guards out_, err_ and open_.
  std::condition_variable changed_;
  std::string out_;
  std::string err_;
  int open_ = 2;  ///< Outputs that have not ended.
  std::thread out_thread_;
  std::thread err_thread_;
};

/// Runs a program to its end.
Process::Ended run_to_end(const std::string& program, std::vector<std::string> arguments,
                          const std::string& directory = ".");

}  // namespace tocsin
