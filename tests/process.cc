#include "tests/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <utility>

namespace tocsin {
namespace {

using std::chrono::seconds;

struct Pipe {
  int read = -1;
  int write = -1;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) std::abort();
  return {ends[0], ends[1]};
}

/// In the child: never returns.
[[noreturn]] void become(const std::string& program, const std::vector<std::string>& arguments,
                         const std::string& directory, int out, int err) {
  // A test may have blocked signals; a program starts with none blocked.
  sigset_t none;
  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &none, nullptr);
  const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  dup2(nothing, STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  std::vector<char*> words{const_cast<char*>(program.c_str())};
  for (const std::string& argument : arguments)
    words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  if (chdir(directory.c_str()) == 0) execv(program.c_str(), words.data());
  _exit(127);
}

}  // namespace

Process::Process(const std::string& program, std::vector<std::string> arguments,
                 const std::string& directory) {
  const Pipe out = make_pipe();
  const Pipe err = make_pipe();
  pid_ = fork();
  if (pid_ < 0) std::abort();
  if (pid_ == 0) become(program, arguments, directory, out.write, err.write);
  close(out.write);
  close(err.write);
  exit_descriptor_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
  out_thread_ = std::thread([this, out] { collect(out.read, out_); });
  err_thread_ = std::thread([this, err] { collect(err.read, err_); });
}

Process::~Process() {
  if (!is_reaped_) wait(seconds(0));
  close(exit_descriptor_);
}

void Process::collect(int descriptor, std::string& into) {
  std::array<char, 4096> bytes{};
  while (true) {
    const ssize_t got = read(descriptor, bytes.data(), bytes.size());
    const std::lock_guard lock(mutex_);
    if (got > 0) into.append(bytes.data(), static_cast<std::size_t>(got));
    if (got <= 0) --open_;
    changed_.notify_all();
    if (got <= 0) break;
  }
  close(descriptor);
}

void Process::signal(int number) const { kill(pid_, number); }

std::optional<std::string> Process::await_error(const std::string& text, seconds patience) {
  std::unique_lock lock(mutex_);
  const auto is_there = [&] { return err_.find(text) != std::string::npos; };
  changed_.wait_for(lock, patience, [&] { return is_there() || open_ == 0; });
  if (!is_there()) return std::nullopt;
  return err_;
}

bool Process::ends_within(std::chrono::milliseconds patience) const {
  pollfd waiting{.fd = exit_descriptor_, .events = POLLIN, .revents = 0};
  return poll(&waiting, 1, static_cast<int>(patience.count())) == 1;
}

Process::Ended Process::wait(seconds patience) {
  const bool has_ended = ends_within(patience);
  if (!has_ended) kill(pid_, SIGKILL);
  int status = 0;
  waitpid(pid_, &status, 0);
  is_reaped_ = true;
  out_thread_.join();
  err_thread_.join();
  Ended ended{.out = out_, .err = err_};
  if (has_ended) ended.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return ended;
}

Process::Ended run_to_end(const std::string& program, std::vector<std::string> arguments,
                          const std::string& directory) {
  return Process(program, std::move(arguments), directory).wait(seconds(60));
}

}  // namespace tocsin
