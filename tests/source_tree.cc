#include "tests/source_tree.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

namespace tocsin {

namespace fs = std::filesystem;

bool File::is_test() const {
  return ends_with("_test.cc") || ends_with("_bench.cc") || ends_with("_fixture.h") ||
         ends_with("_for_test.h") || is_inside(folder, "tests");
}

const fs::path& source_root() {
  static const fs::path root(TOCSIN_SOURCE);
  return root;
}

namespace {

std::vector<File> read_source_tree() {
  std::vector<File> files;
  for (auto it = fs::recursive_directory_iterator(source_root()); it != fs::end(it); ++it) {
    const fs::path path = it->path().lexically_relative(source_root());
    if (path == "build" || path == ".git") {
      it.disable_recursion_pending();
      continue;
    }
    if (!it->is_regular_file()) continue;
    File file{.path = path.string(),
              .folder = path.parent_path().string(),
              .name = path.filename().string(),
              .lines = {}};
    std::ifstream in(it->path());
    for (std::string line; std::getline(in, line);) file.lines.push_back(line);
    files.push_back(std::move(file));
  }
  std::ranges::sort(files, {}, &File::path);
  return files;
}

}  // namespace

const std::vector<File>& source_tree() {
  static const std::vector<File> files = read_source_tree();
  return files;
}

std::string text_of(const std::string& path) {
  std::ifstream in(source_root() / path);
  return {std::istreambuf_iterator<char>(in), {}};
}

bool contains(const Words& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

bool is_inside(std::string_view folder, std::string_view parent) {
  return folder == parent ||
         (folder.starts_with(parent) && folder.substr(parent.size()).starts_with('/'));
}

}  // namespace tocsin
