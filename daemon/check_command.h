// `tocsin check`: what is wrong with a configuration, or what it means.

#pragma once

#include <string>

namespace tocsin {

struct CheckOptions {
  std::string config;
  bool effective = false;  ///< Prints the configuration with every default instead of a summary.
  bool connect = false;    ///< Also asks the brokers whether the topics are right.
  bool against_running = false;  ///< And what a start would keep of what was learned.
};

/// Connects to nothing unless it shall, and changes nothing. Returns the process's exit code.
int check_command(const CheckOptions& options);

}  // namespace tocsin
