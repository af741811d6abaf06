// `tocsin run` with fault points: the same code with something between the engine and the world.
//
// Orders come by standard input, announcements go to standard output, a line each
// (fault_points.h). Everything else is as in the program itself.

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <iostream>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <variant>

#include "daemon/cli.h"
#include "daemon/exit_code.h"
#include "daemon/run_command.h"
#include "tests/chaos_parts/fault_points.h"
#include "tests/chaos_parts/faulty_edges.h"

namespace {

void announce(std::string_view line) {
  const std::string whole = std::string(line) + "\n";
  // At once, for the next thing may be our end. A pipe takes a short line whole or not at all.
  [[maybe_unused]] const auto written = write(STDOUT_FILENO, whole.data(), whole.size());
}

void strike(tocsin::FaultAction action) {
  raise(action == tocsin::FaultAction::kill ? SIGKILL : SIGSTOP);
}

}  // namespace

int main(int argc, char** argv) {
  const std::span<char*> words(argv, static_cast<std::size_t>(argc));
  const auto parsed = tocsin::parse_command_line(std::span<const char* const>(words).subspan(1));
  const auto* command = std::get_if<tocsin::Command>(&parsed);
  const auto* options = command != nullptr ? std::get_if<tocsin::RunOptions>(command) : nullptr;
  if (options == nullptr) {
    std::fputs("usage: tocsin_chaos_daemon run --config FILE\n", stderr);
    return tocsin::kExitUsage;
  }
  tocsin::FaultPoints points(announce, strike);
  std::optional<tocsin::FaultyObserver> observer;
  std::optional<tocsin::FaultyReader> reader;
  std::optional<tocsin::FaultyStateLog> states;
  std::optional<tocsin::FaultyWriter> writer;
  const auto interpose = [&](const tocsin::EngineEdges& edges) {
    observer.emplace(edges.observer, points);
    reader.emplace(edges.reader, *observer, points);
    states.emplace(*edges.states, points);
    writer.emplace(edges.writer, *observer, points);
    return tocsin::EngineEdges{
        .reader = *reader, .states = &*states, .writer = *writer, .observer = *observer};
  };
  // It waits for lines until the process ends, so nobody joins it. Signals are for the thread that
  // `run_command` makes.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread([&points] {
    for (std::string order; std::getline(std::cin, order);)
      if (!points.obey(order)) announce("cannot obey: " + order);
  }).detach();
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  const int exit_code = tocsin::run_command(*options, interpose);
  std::_Exit(exit_code);  // The thread above may still use what is here.
}
