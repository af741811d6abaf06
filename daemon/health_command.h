// `tocsin health`: asks the daemon of a configuration how it is.

#pragma once

#include <string>

namespace tocsin {

struct HealthOptions {
  std::string config;
  std::string probe = "livez";  ///< livez, readyz or startupz.
};

/// Prints what the probe answers; 0 where it passes, 1 where it fails or nobody answers.
int health_command(const HealthOptions& options);

}  // namespace tocsin
