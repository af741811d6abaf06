// What the compiler has to say about a configuration: mistakes and warnings, each with its place.

#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <string>

namespace tocsin {

/// A place in a file, in bytes. Line 0: no place, the whole file is meant.
struct TextPlace {
  int line = 0;    ///< From 1.
  int column = 0;  ///< From 1.
  // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 sees a 0 in what the compiler writes.
  auto operator<=>(const TextPlace&) const = default;
};

enum class DiagnosticKind : std::uint8_t { error, warning };

/// One finding, ready to be shown: it needs neither the file nor the compiler any more, and holds
/// no secret.
struct Diagnostic {
  DiagnosticKind kind = DiagnosticKind::error;
  std::string file;
  int line = 0;         ///< From 1; 0: the whole file is meant.
  int column = 0;       ///< From 1, in characters, as editors count.
  std::string path;     ///< `streams[0].features[1].field`; empty for the file itself.
  std::string message;  ///< What was found, and what is allowed.
  std::string hint;     ///< What to do; may be empty.
  std::string excerpt;  ///< The line, shortened around the place, secrets redacted.
  std::string indent;   ///< What stands before the caret to put it below the place.
};

enum class Colour : std::uint8_t { never, always };

/// All of them as text for people and editors, in the order given:
///
///     tocsin.yaml:3:22: error: streams[0].detectors[0].type: no detector is called `spik`
///       3 |     - {type: spik}
///         |              ^
///       hint: did you mean `spike`?
std::string render(std::span<const Diagnostic> diagnostics, Colour colour);

}  // namespace tocsin
