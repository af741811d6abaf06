#include "tests/bench/options.h"

#include <algorithm>
#include <charconv>
#include <iostream>

namespace tocsin::bench {
namespace {

/// Takes the option's value, if it has one, from the front of `words`.
struct Take {
  std::span<char* const>& words;

  bool operator()(bool* flag) const { return *flag = true; }
  bool operator()(std::string* name) const {
    if (words.empty()) return false;
    *name = words.front();
    words = words.subspan(1);
    return true;
  }
  bool operator()(std::uint64_t* number) const {
    std::string text;
    if (!(*this)(&text)) return false;
    const char* const end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, *number);
    return error == std::errc() && at == end;
  }
};

/// What stands behind the option's name.
struct Placeholder {
  std::string_view operator()(const bool* /*flag*/) const { return ""; }
  std::string_view operator()(const std::string* /*name*/) const { return " NAME"; }
  std::string_view operator()(const std::uint64_t* /*number*/) const { return " N"; }
};

bool read(std::span<char* const> words, std::initializer_list<Option> options) {
  while (!words.empty()) {
    const std::string_view name = words.front();
    words = words.subspan(1);
    const auto option = std::ranges::find(options, name, &Option::name);
    if (option == options.end() || !std::visit(Take{words}, option->value)) return false;
  }
  return true;
}

}  // namespace

bool read_options(std::string_view program, std::span<char* const> words,
                  std::initializer_list<Option> options) {
  if (read(words.subspan(1), options)) return true;
  std::cerr << "usage: " << program;
  for (const Option& option : options) {
    std::cerr << " [" << option.name << std::visit(Placeholder(), option.value) << ']';
  }
  std::cerr << '\n';
  return false;
}

}  // namespace tocsin::bench
