// What may depend on what: the folders' order, each library's place, and nothing on the machine.
//
// Each mistake is printed as `file:line: reason`. A change to a rule changes this file.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/source_tree.h"

namespace tocsin {
namespace {

namespace fs = std::filesystem;

struct Include {
  std::size_t line = 0;
  std::string path;
  bool angled = false;

  std::string folder() const { return fs::path(path).parent_path().string(); }
};

std::vector<Include> includes_of(const File& file) {
  static const std::regex include_line(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"])");
  std::vector<Include> found;
  for (std::size_t i = 0; i < file.lines.size(); ++i) {
    std::smatch match;
    if (!std::regex_search(file.lines[i], match, include_line)) continue;
    found.push_back({.line = i + 1, .path = match[2], .angled = match[1] == "<"});
  }
  return found;
}

// ---- Who may include what (README.md, and the order in pipeline/CMakeLists.txt).

struct Layer {
  std::string_view folder;  // And what is below it, unless that has a row of its own.
  Words may_include;        // Beside itself.
};

const std::vector<Layer>& layers() {
  static const std::vector<Layer> all{
      {"proto", {}},
      {"detectors", {}},
      {"pipeline", {"detectors"}},
      {"pipeline/log", {"detectors", "pipeline"}},
      {"pipeline/input", {"detectors", "pipeline", "pipeline/log"}},
      {"pipeline/state", {"detectors", "pipeline"}},
      {"pipeline/scoring",
       {"detectors", "pipeline", "pipeline/log", "pipeline/input", "pipeline/state"}},
      {"pipeline/output",
       {"detectors", "pipeline", "pipeline/log", "pipeline/input", "pipeline/scoring", "proto"}},
      {"pipeline/snapshot", {"detectors", "pipeline", "pipeline/scoring", "proto"}},
      {"pipeline/flow",
       {"detectors", "pipeline", "pipeline/log", "pipeline/input", "pipeline/state",
        "pipeline/scoring", "pipeline/output", "pipeline/snapshot"}},
      {"pipeline/kafka", {"detectors", "pipeline", "pipeline/log"}},
      {"daemon/config",
       {"detectors", "pipeline", "pipeline/log", "pipeline/flow", "pipeline/kafka"}},
      {"daemon",
       {"detectors", "pipeline", "pipeline/log", "pipeline/input", "pipeline/state",
        "pipeline/scoring", "pipeline/output", "pipeline/snapshot", "pipeline/flow",
        "pipeline/kafka", "daemon/config", "proto"}},
  };
  return all;
}

/// The row of `folder`, or null: `tests` may include everything.
const Layer* layer_of(std::string_view folder) {
  const Layer* found = nullptr;
  for (const Layer& layer : layers()) {
    const bool closer = found == nullptr || layer.folder.size() > found->folder.size();
    if (is_inside(folder, layer.folder) && closer) found = &layer;
  }
  return found;
}

/// Generated headers have no folder: they are `proto`'s.
std::string_view layer_of_include(const Include& include) {
  if (include.path.ends_with(".pb.h")) return "proto";
  const Layer* layer = layer_of(include.folder());
  return layer == nullptr ? std::string_view("tests") : layer->folder;
}

TEST(Tidy, IncludesPointDownwards) {
  Mistakes mistakes;
  for (const File& file : source_tree()) {
    const Layer* layer = layer_of(file.folder);
    if (!file.is_code() || layer == nullptr) continue;
    for (const Include& include : includes_of(file)) {
      if (include.angled) continue;
      const std::string_view target = layer_of_include(include);
      if (target == layer->folder || contains(layer->may_include, target)) continue;
      mistakes.add(file, include.line,
                   std::string(layer->folder) + " may not include " + include.path + " of " +
                       std::string(target));
    }
  }
  EXPECT_EQ(mistakes.all(), "");
}

TEST(Tidy, IncludesBeginAtTheRoot) {
  Mistakes mistakes;
  for (const File& file : source_tree()) {
    if (!file.is_code()) continue;
    for (const Include& include : includes_of(file)) {
      if (include.angled || include.path.ends_with(".pb.h")) continue;
      if (!fs::exists(source_root() / include.path)) {
        mistakes.add(file, include.line, "there is no " + include.path + " from the root");
      }
    }
  }
  EXPECT_EQ(mistakes.all(), "");
}

// ---- Who may use which library.

struct Library {
  std::string_view header;  // What its headers' names begin with.
  Words folders;            // And what is below them.
  bool in_any_test = true;  // Tests may use it wherever they stand.
};

const std::vector<Library>& libraries() {
  static const std::vector<Library> all{
      {"CLI/", {"daemon"}},
      {"Eigen/", {"detectors"}},
      {"fmt/", {"daemon"}},
      {"google/protobuf/", {"pipeline/output", "daemon"}},
      {"httplib.h", {"daemon"}},
      {"librdkafka/", {"pipeline/kafka"}, false},
      {"openssl/", {"pipeline/output"}},
      {"prometheus/", {"daemon"}, false},
      {"rapidjson/", {}},
      {"simdjson.h", {"pipeline/input"}},
      {"spdlog/", {"daemon"}},
      {"xxhash.h", {"pipeline", "daemon/config"}},
      {"yaml-cpp/", {"daemon/config"}, false},
      {"zlib.h", {"pipeline/input"}},
      {"zstd.h", {"pipeline/snapshot"}},
      {"zstd.h", {"pipeline/state"}},
  };
  return all;
}

bool is_standard_or_system(const std::string& header) {
  static const std::regex standard("[a-z0-9_]+");
  static const std::regex system_header("(arpa|linux|net|netinet|sys)/[a-z0-9_]+\\.h|[a-z]+\\.h");
  return std::regex_match(header, standard) || std::regex_match(header, system_header);
}

TEST(Tidy, EachLibraryHasItsPlace) {
  Mistakes mistakes;
  for (const File& file : source_tree()) {
    if (!file.is_code()) continue;
    for (const Include& include : includes_of(file)) {
      if (!include.angled) continue;
      const auto library = std::ranges::find_if(
          libraries(), [&](const Library& l) { return include.path.starts_with(l.header); });
      if (library == libraries().end()) {
        const bool of_tests =
            include.path.starts_with("gtest/") || include.path.starts_with("benchmark/");
        if (is_standard_or_system(include.path) || (of_tests && file.is_test())) continue;
        mistakes.add(file, include.line, include.path + " is in no row of libraries()");
        continue;
      }
      if (file.is_test() && library->in_any_test) continue;
      const bool allowed = std::ranges::any_of(
          library->folders, [&](auto folder) { return is_inside(file.folder, folder); });
      if (!allowed) {
        mistakes.add(file, include.line, include.path + " may not be used here");
      }
    }
  }
  EXPECT_EQ(mistakes.all(), "");
}

TEST(Tidy, DetectorsIncludeNoLibraryButEigen) {
  static const std::regex standard("[a-z0-9_]+");
  Mistakes mistakes;
  for (const File& file : source_tree()) {
    if (!file.is_code() || file.is_test() || !is_inside(file.folder, "detectors")) continue;
    for (const Include& include : includes_of(file)) {
      if (!include.angled || include.path.starts_with("Eigen/")) continue;
      if (!std::regex_match(include.path, standard)) {
        mistakes.add(file, include.line, include.path + " is neither standard nor Eigen");
      }
    }
  }
  EXPECT_EQ(mistakes.all(), "");
}

// ---- The same bytes in, the same bytes out.

struct Forbidden {
  std::regex pattern;
  std::string reason;
};

TEST(Tidy, NothingThatScoresDependsOnTheMachine) {
  const std::vector<Forbidden> everywhere{
      {std::regex(R"(\b(rand|getenv|clock_gettime|gettimeofday|std::time)\s*\()"),
       "reads the machine"},
      {std::regex(R"(\bstd::hash\b)"), "std::hash differs between libraries"},
      {std::regex(R"(\bstd::\w+_distribution\b)"), "distributions differ between libraries"},
      {std::regex(R"(\bnth_element\b)"), "the order it leaves is not specified"},
      {std::regex(R"(\bstd::(random_device|this_thread)\b)"), "differs from run to run"},
      {std::regex(R"(\bsystem_clock\b)"), "reads the wall clock"},
      {std::regex(R"(#\s*include <(filesystem|fstream|iostream|random)>)"), "is input or output"},
      {std::regex(R"(#\s*include <unordered_)"), "its order of iteration is not specified"},
  };
  const std::vector<Forbidden> arithmetic{
      {std::regex(R"(\bstd::(exp|exp2|expm1|log|log2|log10|log1p|pow|sin|cos|tan|tanh|erf|erfc|)"
                  R"(lgamma|tgamma|cbrt|hypot)\s*\()"),
       "libm picks variants by CPU: use detectors/elementary.h"},
      {std::regex(R"(#\s*include <(chrono|thread|mutex|cstdio)>)"), "pure functions need no such"},
  };
  // Refits run beside the scoring and are timed; prequential is a program that measures.
  const Words may_do_both{"detectors/prequential.cc", "pipeline/scoring/inline_refits.cc",
                          "pipeline/scoring/threaded_refits.cc",
                          "pipeline/scoring/threaded_refits.h"};
  Mistakes mistakes;
  const auto check = [&](const File& file, std::span<const Forbidden> forbidden) {
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      const std::string code = file.lines[i].substr(0, file.lines[i].find("//"));
      for (const Forbidden& one : forbidden) {
        if (std::regex_search(code, one.pattern)) mistakes.add(file, i + 1, one.reason);
      }
    }
  };
  for (const File& file : source_tree()) {
    if (!file.is_code() || file.is_test() || contains(may_do_both, file.path)) continue;
    if (is_inside(file.folder, "pipeline/kafka")) continue;
    const bool detectors = is_inside(file.folder, "detectors");
    if (detectors || is_inside(file.folder, "pipeline")) check(file, everywhere);
    if (detectors || is_inside(file.folder, "pipeline/scoring") ||
        is_inside(file.folder, "pipeline/state")) {
      check(file, arithmetic);
    }
  }
  EXPECT_EQ(mistakes.all(), "");
}

}  // namespace
}  // namespace tocsin
