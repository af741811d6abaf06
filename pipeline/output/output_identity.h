// What records say about the program that wrote them.

#pragma once

#include <string>

namespace tocsin {

/// Fixed for the life of a process.
struct OutputIdentity {
  std::string config_hash;
  std::string program_version;
  std::string app = {};  ///< Part of CloudEvents' `source`; empty: left out.
};

}  // namespace tocsin
