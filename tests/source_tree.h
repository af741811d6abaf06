// The project's own text, for tests that check rules.

#pragma once

#include <cstddef>
#include <filesystem>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

using Words = std::vector<std::string_view>;

/// One file of a checkout.
struct File {
  std::string path;    ///< From the root.
  std::string folder;  ///< Empty for the root.
  std::string name;
  std::vector<std::string> lines;

  bool ends_with(std::string_view suffix) const { return path.ends_with(suffix); }
  bool is_code() const { return ends_with(".cc") || ends_with(".h"); }
  bool is_test() const;
};

const std::filesystem::path& source_root();

/// What a checkout holds, in the order of paths: no build, nothing of git's.
const std::vector<File>& source_tree();

/// The content of a file, by its path from the root; empty where there is none.
std::string text_of(const std::string& path);

/// Collects mistakes, so that a test fails with all of them at once.
class Mistakes {
 public:
  void add(const File& file, std::size_t line, const std::string& reason) {
    add(file.path, line, reason);
  }
  void add(const std::string& path, std::size_t line, const std::string& reason) {
    text_ << path << ':' << line << ": " << reason << '\n';
  }
  /// `file:line: reason`, one a line.
  std::string all() const { return text_.str(); }

 private:
  std::ostringstream text_;
};

bool contains(const Words& words, std::string_view word);

/// Whether `folder` is `parent` or below it.
bool is_inside(std::string_view folder, std::string_view parent);

}  // namespace tocsin
