// The program's entry: from the command line to a command.

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <span>
#include <variant>

#include "daemon/cli.h"
#include "daemon/exit_code.h"

namespace {

/// One overload a command.
struct Runner {
  int operator()(const tocsin::RunOptions& options) const { return tocsin::run_command(options); }
  int operator()(const tocsin::CheckOptions& options) const {
    return tocsin::check_command(options);
  }
  int operator()(const tocsin::ReplayOptions& options) const {
    return tocsin::replay_command(options);
  }
  int operator()(const tocsin::StateListOptions& options) const {
    return tocsin::state_list_command(options);
  }
  int operator()(const tocsin::StateVerifyOptions& options) const {
    return tocsin::state_verify_command(options);
  }
  int operator()(const tocsin::StateExportOptions& options) const {
    return tocsin::state_export_command(options);
  }
  int operator()(const tocsin::StateResetOptions& options) const {
    return tocsin::state_reset_command(options);
  }
  int operator()(const tocsin::DeadLettersListOptions& options) const {
    return tocsin::dead_letters_list_command(options);
  }
  int operator()(const tocsin::DeadLettersResendOptions& options) const {
    return tocsin::dead_letters_resend_command(options);
  }
  int operator()(const tocsin::DemoOptions& options) const { return tocsin::demo_command(options); }
  int operator()(const tocsin::HealthOptions& options) const {
    return tocsin::health_command(options);
  }
  int operator()(const tocsin::DetectorsOptions& options) const {
    return tocsin::detectors_command(options);
  }
  int operator()(const tocsin::SchemaOptions& options) const {
    return tocsin::schema_command(options);
  }
  int operator()(const tocsin::ReferenceOptions& options) const {
    return tocsin::reference_command(options);
  }
  int operator()(const tocsin::VersionOptions& options) const {
    return tocsin::version_command(options);
  }
};

int run(std::span<const char* const> arguments) {
  const auto parsed = tocsin::parse_command_line(arguments);
  if (const auto* answer = std::get_if<tocsin::CommandLineAnswer>(&parsed)) {
    std::fputs(answer->out.c_str(), stdout);
    std::fputs(answer->err.c_str(), stderr);
    return answer->exit_code;
  }
  return std::visit(Runner{}, std::get<tocsin::Command>(parsed));
}

/// What could not be printed must not look like success: `tocsin schema > full-disk`.
int after_printing(int exit_code) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return exit_code;
  std::fprintf(stderr, "tocsin: standard output cannot be written: %s\n", std::strerror(errno));
  return exit_code == tocsin::kExitOk ? tocsin::kExitRuntime : exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const std::span<char*> words(argv, static_cast<std::size_t>(argc));
    return after_printing(run({words.begin() + 1, words.end()}));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "tocsin: a bug, please report it: %s\n", error.what());
  } catch (...) {
    std::fputs("tocsin: a bug, please report it\n", stderr);
  }
  return tocsin::kExitRuntime;
}
