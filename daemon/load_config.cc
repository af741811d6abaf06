#include "daemon/load_config.h"

#include <unistd.h>

#include <cstdio>
#include <utility>

#include "daemon/config/compiler.h"
#include "daemon/log.h"

namespace tocsin {

std::optional<Config> load_config(const std::string& path, const TakeWarning& take) {
  Compiled compiled = compile_file(path, process_surroundings());
  if (compiled.config && take) {
    for (const Diagnostic& warning : compiled.diagnostics) take(warning);
    return std::move(compiled.config);
  }
  show(compiled.diagnostics);
  return std::move(compiled.config);
}

void show(std::span<const Diagnostic> diagnostics) {
  const Colour colour = may_colour(STDERR_FILENO) ? Colour::always : Colour::never;
  std::fputs(render(diagnostics, colour).c_str(), stderr);
}

}  // namespace tocsin
