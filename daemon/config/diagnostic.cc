#include "daemon/config/diagnostic.h"

#include <fmt/format.h>

#include <iterator>
#include <string_view>

namespace tocsin {
namespace {

struct Palette {
  std::string_view error, warning, bold, faint, caret, reset;
};

constexpr Palette kPlain{};
constexpr Palette kColoured{.error = "\x1b[1;31m",
                            .warning = "\x1b[1;33m",
                            .bold = "\x1b[1m",
                            .faint = "\x1b[2m",
                            .caret = "\x1b[1;32m",
                            .reset = "\x1b[0m"};

std::string place_of(const Diagnostic& diagnostic) {
  if (diagnostic.line == 0) return diagnostic.file;
  return fmt::format("{}:{}:{}", diagnostic.file, diagnostic.line, diagnostic.column);
}

void render_one(const Diagnostic& diagnostic, const Palette& palette, std::string& out) {
  const bool is_error = diagnostic.kind == DiagnosticKind::error;
  fmt::format_to(std::back_inserter(out), "{}{}:{} {}{}:{} ", palette.bold, place_of(diagnostic),
                 palette.reset, is_error ? palette.error : palette.warning,
                 is_error ? "error" : "warning", palette.reset);
  if (!diagnostic.path.empty()) out += diagnostic.path + ": ";
  out += diagnostic.message + "\n";
  if (diagnostic.line > 0) {
    const std::string number = fmt::format("{}", diagnostic.line);
    fmt::format_to(std::back_inserter(out), "{}  {} |{} {}\n", palette.faint, number, palette.reset,
                   diagnostic.excerpt);
    fmt::format_to(std::back_inserter(out), "{}  {:{}} |{} {}{}^{}\n", palette.faint, "",
                   number.size(), palette.reset, diagnostic.indent, palette.caret, palette.reset);
  }
  if (diagnostic.hint.empty()) return;
  fmt::format_to(std::back_inserter(out), "  {}hint:{} {}\n", palette.bold, palette.reset,
                 diagnostic.hint);
}

}  // namespace

std::string render(std::span<const Diagnostic> diagnostics, Colour colour) {
  std::string out;
  const Palette& palette = colour == Colour::always ? kColoured : kPlain;
  for (const Diagnostic& diagnostic : diagnostics) render_one(diagnostic, palette, out);
  return out;
}

}  // namespace tocsin
