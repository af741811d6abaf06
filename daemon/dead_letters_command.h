// `tocsin dead-letters list` and `resend`: what was rejected, and back into the pipeline with it.

#pragma once

#include <cstdint>
#include <string>

#include "daemon/dead_letters.h"

namespace tocsin {

struct DeadLettersListOptions {
  std::string config;
  DeadLetterFilter filter;
  std::uint64_t limit = 1'000;
  bool is_waiting_only = false;  ///< Only those that have not been put back.
  bool json = false;
};

struct DeadLettersResendOptions {
  std::string config;
  DeadLetterFilter filter;
  std::uint64_t limit = 10'000;
  std::string repaired;  ///< A file of values; empty: none. With it only what is in it is sent.
  bool again = false;    ///< Also what has been put back before.
  bool is_dry = false;
};

// Each returns the process's exit code.

int dead_letters_list_command(const DeadLettersListOptions& options);
int dead_letters_resend_command(const DeadLettersResendOptions& options);

}  // namespace tocsin
