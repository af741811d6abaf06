// The command line of a program that measures.

#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace tocsin::bench {

/// `--name N`, `--name NAME`, or `--name` alone, and where its value goes.
struct Option {
  std::string_view name;
  std::variant<std::uint64_t*, std::string*, bool*> value;
};

/// Fills in what a program's words, the first of which is its own path, say. Where one is unknown,
/// lacks its value or has one that is no number, prints the usage of `program` and returns false.
bool read_options(std::string_view program, std::span<char* const> words,
                  std::initializer_list<Option> options);

}  // namespace tocsin::bench
