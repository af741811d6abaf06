// `tocsin replay`: the pipeline over files instead of Kafka.

#pragma once

#include <string>
#include <vector>

namespace tocsin {

struct ReplayOptions {
  std::string config;
  std::string stream;               ///< Empty: the only one.
  std::string alerts;               ///< File for alerts; empty: none.
  std::string dead_letters;         ///< File for rejected rows; empty: none.
  int workers = 0;                  ///< 0: as the configuration says.
  std::vector<std::string> inputs;  ///< Files, `-` for standard input; empty: standard input.
};

/// Scores the rows of `inputs` in order and writes records to standard output; returns the
/// process's exit code.
int replay_command(const ReplayOptions& options);

}  // namespace tocsin
