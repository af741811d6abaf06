// What tests of the compiler share: surroundings without a machine, and messages as users see them.

#pragma once

#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <utility>

#include "daemon/config/compiler.h"

namespace tocsin {

/// Variables and files that are there only for a test.
struct TestSurroundings {
  std::map<std::string, std::string> variables = {};
  std::map<std::string, std::string> files = {};

  Surroundings make() const {
    return {.variable = [this](const std::string& name) -> std::optional<std::string> {
              const auto found = variables.find(name);
              if (found == variables.end()) return std::nullopt;
              return found->second;
            },
            .file = [this](const std::string& path) -> Result<std::string> {
              const auto found = files.find(path);
              if (found == files.end()) return Error{"No such file or directory"};
              return found->second;
            }};
  }
};

inline Compiled compiled(const std::string& text, const TestSurroundings& surroundings = {}) {
  return compile("t.yaml", text, surroundings.make());
}

/// Everything that is said about `text`, as it is printed.
inline std::string said(const std::string& text, const TestSurroundings& surroundings = {}) {
  return render(compiled(text, surroundings).diagnostics, Colour::never);
}

/// The shortest valid file, to append to.
inline std::string valid() { return "kafka: {brokers: [a:1]}\nstreams: [{topics: [x]}]\n"; }

/// The shortest valid file with more for its stream; `more` is indented by four.
inline std::string stream_with(const std::string& more) {
  return "kafka: {brokers: [a:1]}\nstreams:\n  - topics: [x]\n" + more;
}

/// A file of the source tree.
inline std::string source_file(const std::string& path) {
  std::ifstream stream(std::string(TOCSIN_SOURCE) + "/" + path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

}  // namespace tocsin
