// A directory of a test's own, gone with it.

#pragma once

#include <cstdlib>
#include <fstream>
#include <string>

#include "daemon/scratch_directory.h"

namespace tocsin {

class Scratch {
 public:
  Scratch() {
    if (directory_.path().empty()) std::abort();
  }

  std::string path() const { return directory_.path().string(); }
  /// Where a file of this name is, or would be.
  std::string file(const std::string& name) const { return (directory_.path() / name).string(); }
  /// Writes one, and returns where.
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(file(name), std::ios::binary) << text;
    return file(name);
  }

 private:
  ScratchDirectory directory_{"tocsin-test"};
};

}  // namespace tocsin
