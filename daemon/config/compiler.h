// From the text of a file to a Config, or to all that is wrong with it.
//
// Parse, resolve, check: the text becomes a tree of nodes with places (document.h), the table of
// fields (fields.h) types and bounds each of them (checker.h), the values become settings
// (assembly.h), and what contradicts something else is looked for last (contradictions.h).

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/config.h"
#include "daemon/config/diagnostic.h"
#include "daemon/config/surroundings.h"

namespace tocsin {

/// What a compilation gives. There is a configuration exactly if no diagnostic is an error.
struct Compiled {
  std::optional<Config> config;
  std::vector<Diagnostic> diagnostics;  ///< Mistakes and warnings, in file order.
};

/// Compiles `text`; `file` is what diagnostics call it.
Compiled compile(std::string file, std::string text, const Surroundings& surroundings);

/// Compiles the file at `path`.
Compiled compile_file(const std::string& path, const Surroundings& surroundings);

}  // namespace tocsin
