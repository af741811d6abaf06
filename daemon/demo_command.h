// `tocsin demo`: this machine's own vital signs, watched.

#pragma once

namespace tocsin {

struct DemoOptions {
  int seconds = 0;    ///< Ends after so long; 0: when it is interrupted.
  bool once = false;  ///< Ends with the first alert that follows the disturbance.
};

/// Runs an embedded broker, producers and the daemon in this process; returns its exit code.
int demo_command(const DemoOptions& options);

}  // namespace tocsin
