// The rules of this project that a program can check; include_test.cc has those of dependencies.
//
// Each mistake is printed as `file:line: reason`. A change to a rule changes this file.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/source_tree.h"

namespace tocsin {
namespace {

namespace fs = std::filesystem;

// ---- Files, names, and what is left to do.

constexpr std::size_t kLinesMax = 400;

struct LongFile {
  std::string_view path;
  std::size_t lines_max;  // At most 500.
  std::string_view reason;
};
constexpr std::array kLongFiles{
    LongFile{"detectors/detector_contract_test.cc", 500, "one list that every detector inherits"},
};

TEST(Tidy, FilesAreShort) {
  Mistakes mistakes;
  for (const File& file : source_tree()) {
    if (!file.is_code()) continue;
    const auto* known = std::ranges::find(kLongFiles, file.path, &LongFile::path);
    const std::size_t lines_max = known == kLongFiles.end() ? kLinesMax : known->lines_max;
    if (file.lines.size() > lines_max) {
      mistakes.add(file, lines_max + 1, std::to_string(file.lines.size()) + " lines: split it");
    }
  }
  EXPECT_EQ(mistakes.all(), "");
}

TEST(Tidy, NamesSayWhatIsInside) {
  const Words empty_words{"base",  "common", "defs",    "helper", "helpers",
                          "impl",  "lib",    "manager", "misc",   "stuff",
                          "tools", "types",  "util",    "utils",  "various"};
  static const std::regex snake_case("[a-z0-9_]+\\.(h|cc|proto)");
  Mistakes mistakes;
  for (const File& file : source_tree()) {
    if (file.path.starts_with('.')) continue;
    if (file.path.starts_with("deploy/kustomize/base/")) continue;  // Kustomize's own word.
    if ((file.is_code() || file.ends_with(".proto")) && !std::regex_match(file.name, snake_case)) {
      mistakes.add(file, 1, "names are in snake_case, .h or .cc");
    }
    std::string words = file.path;
    std::ranges::replace_if(
        words, [](char c) { return c == '/' || c == '_' || c == '.'; }, ' ');
    std::istringstream in(words);
    for (std::string word; in >> word;) {
      if (contains(empty_words, word)) mistakes.add(file, 1, "`" + word + "` says nothing");
    }
  }
  EXPECT_EQ(mistakes.all(), "");
}

TEST(Tidy, NothingIsLeftToDoInTheCode) {
  // In pieces, so that this file passes.
  const std::regex marker(
      "\\b(TO"
      "DO|FIX"
      "ME|X"
      "XX|HA"
      "CK|GTEST_"
      "SKIP)\\b|\\bDIS"
      "ABLED_|not "
      "implemented");
  Mistakes mistakes;
  for (const File& file : source_tree()) {
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      std::smatch match;
      if (std::regex_search(file.lines[i], match, marker)) {
        mistakes.add(file, i + 1, "`" + match.str() + "`: do it, or write an issue");
      }
    }
  }
  EXPECT_EQ(mistakes.all(), "");
}

TEST(Tidy, NoPackageRegistryIsNamed) {
  const auto host = [](std::string_view name, std::string_view domain) {
    return std::string(name) + "." + std::string(domain);
  };
  const std::vector<std::string> hosts{
      host("maven", "org"),
      host("maven.apache", "org"),
      host("maven.google", "com"),
      host("deb.debian", "org"),
      host("archive.ubuntu", "com"),
      host("pypi", "org"),
      host("pythonhosted", "org"),
      host("npmjs", "org"),
      host("crates", "io"),
      host("docker", "io"),
      host("quay", "io"),
      host("ghcr", "io"),
      host("golang", "org"),
      host("rubygems", "org"),
      host("conan", "io"),
      host("sonatype", "org"),
      host("jitpack", "io"),
  };
  Mistakes mistakes;
  for (const File& file : source_tree()) {
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      for (const std::string& name : hosts) {
        if (file.lines[i].find(name) != std::string::npos) {
          mistakes.add(file, i + 1, name + ": leave the choice of a registry to its client");
        }
      }
    }
  }
  EXPECT_EQ(mistakes.all(), "");
}

TEST(Tidy, TheTopLevelIsThatOfTheDesign) {
  const std::set<std::string> expected{
      "proto",     "detectors",      "pipeline",          "daemon",        "deploy", "tests",
      ".ci",       ".clang-format",  ".clang-tidy",       ".dockerignore", ".git",   ".gitignore",
      "README.md", "CMakeLists.txt", "CMakePresets.json", "LICENSE",       "build"};
  std::string mistakes;
  for (const auto& entry : fs::directory_iterator(source_root())) {
    const std::string name = entry.path().filename().string();
    if (!expected.contains(name)) mistakes += name + ":1: does not belong at the top level\n";
  }
  EXPECT_EQ(mistakes, "");
}

// ---- What must be named elsewhere.

bool has_word(const std::string& text, const std::string& word) {
  const auto is_part = [&](std::size_t i) {
    const auto c = static_cast<unsigned char>(text[i]);
    return std::isalnum(c) != 0 || c == '_' || c == '.';
  };
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || !is_part(at - 1)) && (end == text.size() || !is_part(end))) return true;
  }
  return false;
}

/// Whether a CMakeLists.txt here or above, below the root, builds the file.
bool is_built(const File& file) {
  const std::string folder = fs::path(file.folder).filename().string();
  for (fs::path at = file.folder; !at.empty(); at = at.parent_path()) {
    const std::string list = text_of((at / "CMakeLists.txt").string());
    if (has_word(list, file.name)) return true;
    // detectors/CMakeLists.txt lists folders; what is in them follows from the name.
    if (at == "detectors" && has_word(list, folder) && file.name.starts_with(folder)) return true;
  }
  return false;
}

TEST(Tidy, EverySourceIsBuiltAndEveryTestRuns) {
  Mistakes mistakes;
  for (const File& file : source_tree()) {
    if (file.ends_with(".cc") && !is_built(file)) {
      mistakes.add(file, 1, "is in no CMakeLists.txt");
    }
  }
  EXPECT_EQ(mistakes.all(), "");
}

TEST(Tidy, EveryDetectorIsInTheCatalogue) {
  const std::string catalog = text_of("detectors/catalog.cc");
  Mistakes mistakes;
  for (const auto& entry : fs::directory_iterator(source_root() / "detectors")) {
    if (!entry.is_directory()) continue;
    const std::string name = entry.path().filename().string();
    const std::string stem = (fs::path("detectors") / name / name).string();
    for (const char* suffix : {".h", ".cc", "_test.cc"}) {
      if (!fs::exists(source_root() / (stem + suffix)))
        mistakes.add(stem + suffix, 1, "is missing");
    }
    if (catalog.find('"' + stem + ".h\"") == std::string::npos) {
      mistakes.add("detectors/catalog.cc", 1, "does not include the detector " + name);
    }
  }
  EXPECT_EQ(mistakes.all(), "");
}

TEST(Tidy, LinksOfDocumentsLeadSomewhere) {
  static const std::regex link(R"(\]\(([^)#\s]+)[^)]*\))");
  Mistakes mistakes;
  for (const File& file : source_tree()) {
    if (!file.ends_with(".md")) continue;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      const std::string& line = file.lines[i];
      for (std::sregex_iterator it(line.begin(), line.end(), link), end; it != end; ++it) {
        const std::string target = (*it)[1];
        if (target.find("://") != std::string::npos) continue;
        if (!fs::exists(source_root() / file.folder / target)) {
          mistakes.add(file, i + 1, "there is no " + target);
        }
      }
    }
  }
  EXPECT_EQ(mistakes.all(), "");
}

TEST(Tidy, EveryFolderOfCodeSaysWhatItIs) {
  std::set<std::string> folders;
  for (const File& file : source_tree()) {
    const bool one_detector = file.folder.starts_with("detectors/");
    if (file.is_code() && !one_detector) folders.insert(file.folder);
  }
  std::string mistakes;
  for (const std::string& folder : folders) {
    if (!fs::exists(source_root() / folder / "README.md"))
      mistakes += folder + "/README.md:1: missing\n";
  }
  EXPECT_EQ(mistakes, "");
}

}  // namespace
}  // namespace tocsin
