// Where a configuration may look beyond its own text.

#pragma once

#include <functional>
#include <optional>
#include <string>

#include "detectors/result.h"

namespace tocsin {

/// What `${env:…}` and `${file:…}` stand for. Passed in, so that a test has its own.
struct Surroundings {
  /// The variable's value; empty where it is not set.
  std::function<std::optional<std::string>(const std::string& name)> variable;
  /// The file's content, or why it cannot be had.
  std::function<Result<std::string>(const std::string& path)> file;
};

/// Those of this process.
Surroundings process_surroundings();

}  // namespace tocsin
