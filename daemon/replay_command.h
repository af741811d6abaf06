// `tocsin replay`: the pipeline once more, over files or over what Kafka holds.

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
  bool from_kafka = false;          ///< The configuration's own topics instead of files.
  std::vector<std::string> inputs;  ///< Files, `-` for standard input; empty: standard input.
};

/// Scores the rows of `inputs` in order, or every record of the input topics, and writes records to
/// standard output; returns the process's exit code. From Kafka, each line is a whole record with
/// its key, its headers and its source (record_lines.h).
int replay_command(const ReplayOptions& options);

}  // namespace tocsin
