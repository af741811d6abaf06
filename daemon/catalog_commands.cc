#include "daemon/catalog_commands.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>
#include <string_view>

#include "daemon/config/reference.h"
#include "daemon/config/schema.h"
#include "daemon/exit_code.h"
#include "daemon/version.h"
#include "detectors/catalog.h"

namespace tocsin {
namespace {

constexpr std::array<std::string_view, 3> kScopeNames{"entity", "group", "stream"};

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

/// Appends `text` in lines of at most `width`, the first behind what `out` ends with, the others
/// behind `indent` spaces.
void append_wrapped(std::string& out, std::string_view text, std::size_t indent,
                    std::size_t width) {
  std::size_t column =
      out.size() - (out.rfind('\n') == std::string::npos ? 0 : out.rfind('\n') + 1);
  bool is_first = true;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (!is_first && column + 1 + word.size() > width) {
      out += '\n';
      out.append(indent, ' ');
      column = indent;
    } else if (!is_first) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
    is_first = false;
  }
  out += '\n';
}

std::string allowed(const Parameter& parameter) {
  if (parameter.choices.empty()) return fmt::format("{} to {}", parameter.min, parameter.max);
  std::string words;
  for (const std::string_view choice : parameter.choices) {
    words += words.empty() ? "" : " | ";
    words += choice;
  }
  return words;
}

std::string fallback(const Parameter& parameter) {
  if (parameter.choices.empty()) return fmt::format("{}", parameter.fallback);
  return std::string(parameter.choices[static_cast<std::size_t>(parameter.fallback)]);
}

void append_parameter(std::string& out, const Parameter& parameter, std::size_t width) {
  constexpr std::size_t kIndent = 6;
  out += fmt::format("    {}: {} (default), {}\n", parameter.name, fallback(parameter),
                     allowed(parameter));
  out.append(kIndent, ' ');
  append_wrapped(out, parameter.help, kIndent, width);
}

void append_detector(std::string& out, const DetectorKind& kind, std::size_t width) {
  const auto line = [&](std::string_view label, std::string_view text) {
    constexpr std::size_t kIndent = 13;
    out += fmt::format("  {:<11}", label);
    append_wrapped(out, text, kIndent, width);
  };
  out += kind.name;
  out += '\n';
  out += "  ";
  append_wrapped(out, kind.summary, 2, width);
  line("blind to", kind.blind_to);
  std::string scopes;
  for (const Scope scope : kind.scopes) {
    scopes += scopes.empty() ? "" : ", ";
    scopes += kScopeNames[static_cast<std::size_t>(scope)];
    if (scope == kind.scopes.front() && kind.scopes.size() > 1) scopes += " (default)";
  }
  line("scope", scopes);
  line("alerts of", kind.kind_above == kind.kind_below
                        ? std::string(kind.kind_above)
                        : fmt::format("{}, {}", kind.kind_above, kind.kind_below));
  for (const Parameter& parameter : kind.parameters) append_parameter(out, parameter, width);
}

std::size_t terminal_width() {
  constexpr std::size_t kReadable = 100;
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kReadable;
  return std::clamp<std::size_t>(size.ws_col, 40, kReadable);
}

}  // namespace

std::string detectors_text(std::size_t width) {
  std::string text;
  for (const DetectorKind* kind : catalog()) {
    if (!text.empty()) text += '\n';
    append_detector(text, *kind, width);
  }
  return text;
}

int detectors_command(const DetectorsOptions&) {
  print(detectors_text(terminal_width()));
  return kExitOk;
}

int schema_command(const SchemaOptions&) {
  print(json_schema());
  return kExitOk;
}

int reference_command(const ReferenceOptions&) {
  print(reference_markdown());
  return kExitOk;
}

int version_command(const VersionOptions& options) {
  print(options.json ? version_json() + "\n" : version_text());
  return kExitOk;
}

}  // namespace tocsin
