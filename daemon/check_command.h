// `tocsin check`: what is wrong with a configuration, or what it means.

#pragma once

#include <string>

namespace tocsin {

struct CheckOptions {
  std::string config;
  bool effective = false;  ///< Prints the configuration with every default instead of a summary.
};

/// Connects to nothing. Returns the process's exit code.
int check_command(const CheckOptions& options);

}  // namespace tocsin
