// A file, or standard output, that lines are written to.

#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "detectors/result.h"

namespace tocsin {

/// Threads: one at a time.
class LineFile {
 public:
  /// Begins the file anew.
  static Result<LineFile> open(const std::string& path);
  static LineFile standard_output() { return LineFile("standard output", nullptr); }

  void write(std::string_view line);
  /// Whether everything written so far has arrived; `EPIPE` and full disks show here.
  Result<void> check();

 private:
  LineFile(std::string name, FILE* file) : name_(std::move(name)), file_(file) {}

  struct Close {
    void operator()(FILE* file) const { std::fclose(file); }
  };
  std::string name_;
  std::unique_ptr<FILE, Close> file_;  // Null: standard output.
};

}  // namespace tocsin
