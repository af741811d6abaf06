// The command line: from words to a command, or to help.

#pragma once

#include <span>
#include <string>
#include <variant>

#include "daemon/catalog_commands.h"
#include "daemon/check_command.h"
#include "daemon/dead_letters_command.h"
#include "daemon/demo_command.h"
#include "daemon/health_command.h"
#include "daemon/replay_command.h"
#include "daemon/run_command.h"
#include "daemon/state_command.h"
#include "daemon/state_reset.h"

namespace tocsin {

using Command =
    std::variant<RunOptions, CheckOptions, ReplayOptions, StateListOptions, StateVerifyOptions,
                 StateExportOptions, StateResetOptions, DeadLettersListOptions,
                 DeadLettersResendOptions, DemoOptions, HealthOptions, DetectorsOptions,
                 SchemaOptions, ReferenceOptions, VersionOptions>;

/// The command line answers itself: help was asked for, or it is wrong.
struct CommandLineAnswer {
  int exit_code = 0;
  std::string out;  ///< For standard output.
  std::string err;  ///< For standard error.
};

/// Understands `arguments`, the program's name not among them.
std::variant<Command, CommandLineAnswer> parse_command_line(std::span<const char* const> arguments);

}  // namespace tocsin
