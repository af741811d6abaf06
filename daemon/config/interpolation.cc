#include "daemon/config/interpolation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <optional>
#include <utility>

#include "daemon/config/utf8.h"

namespace tocsin {
namespace {

constexpr std::string_view kForms = "`${env:NAME}`, `${env:NAME:-default}` or `${file:/path}`";

bool is_name(std::string_view name) {
  const auto good = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; };
  return !name.empty() && std::isdigit(static_cast<unsigned char>(name[0])) == 0 &&
         std::all_of(name.begin(), name.end(), good);
}

std::string shown(std::string_view text) { return printable(text, 60); }

/// What a reference stands for.
using Found = std::variant<std::string, InterpolationMistake>;

Found checked(std::string value, std::string_view reference) {
  const bool has_zero = value.find('\0') != std::string::npos;
  if (!has_zero && !first_bad_utf8(value)) return value;
  return InterpolationMistake{
      fmt::format("`{}` brings bytes that are not text in UTF-8", shown(reference)), ""};
}

/// `body` is what stands after `env:`.
Found variable(std::string_view body, std::string_view reference,
               const Surroundings& surroundings) {
  const std::size_t colon = body.find(':');
  const std::string name(body.substr(0, colon));
  const std::string_view rest = colon == std::string_view::npos ? "" : body.substr(colon);
  const bool has_rest = colon != std::string_view::npos;
  if (!is_name(name)) {
    return InterpolationMistake{
        fmt::format("`{}` does not name a variable: a name has letters, digits and `_`",
                    shown(reference)),
        fmt::format("Write {}.", kForms)};
  }
  if (has_rest && !rest.starts_with(":-") && !rest.starts_with(":?")) {
    return InterpolationMistake{
        fmt::format("after the name in `{}` only `:-default` or `:?message` is possible",
                    shown(reference)),
        ""};
  }
  std::optional<std::string> value = surroundings.variable(name);
  const bool lacks = has_rest ? !value || value->empty() : !value.has_value();
  if (!lacks) return checked(std::move(*value), reference);
  if (rest.starts_with(":-")) return std::string(rest.substr(2));
  if (rest.starts_with(":?") && rest.size() > 2) {
    return InterpolationMistake{
        fmt::format("the environment variable `{}` is not set: {}", name, shown(rest.substr(2))),
        ""};
  }
  return InterpolationMistake{
      fmt::format("the environment variable `{}` is not set", name),
      fmt::format("Set it, or give a default: `${{env:{}:-default}}`.", name)};
}

Found file(const std::string& path, std::string_view reference, const Surroundings& surroundings) {
  if (!path.starts_with('/')) {
    return InterpolationMistake{
        fmt::format("`{}` does not name a file by its whole path", shown(reference)),
        "A path begins with `/`."};
  }
  Result<std::string> content = surroundings.file(path);
  if (!content) {
    return InterpolationMistake{
        fmt::format("the file `{}` cannot be read: {}", shown(path), content.error().message), ""};
  }
  std::string value = std::move(*content);
  if (value.ends_with('\n')) value.pop_back();
  if (value.ends_with('\r')) value.pop_back();
  return checked(std::move(value), reference);
}

/// `body` is what stands between the braces of `reference`.
Found look_up(std::string_view body, std::string_view reference, const Surroundings& surroundings) {
  if (body.find("${") != std::string_view::npos) {
    return InterpolationMistake{
        fmt::format("`{}` has another `${{` inside, but references do not nest", shown(reference)),
        ""};
  }
  if (body.starts_with("env:")) return variable(body.substr(4), reference, surroundings);
  if (body.starts_with("file:")) return file(std::string(body.substr(5)), reference, surroundings);
  const std::string hint =
      is_name(body)
          ? fmt::format("did you mean `${{env:{}}}`? A dollar sign is written `$$`.", body)
          : std::string("A dollar sign is written `$$`.");
  return InterpolationMistake{fmt::format("`${{` begins no reference: it must be {}", kForms), hint,
                              true};
}

}  // namespace

Interpolation interpolate(std::string_view text, const Surroundings& surroundings) {
  Interpolated result;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t dollar = std::min(text.find('$', at), text.size());
    result.text += text.substr(at, dollar - at);
    at = dollar;
    if (at == text.size()) break;
    const std::string_view rest = text.substr(at);
    if (!rest.starts_with("${")) {
      result.text += '$';
      at += rest.starts_with("$$") ? 2U : 1U;
      continue;
    }
    const std::size_t close = rest.find('}');
    if (close == std::string_view::npos) {
      return InterpolationMistake{
          "`${` has no `}` after it",
          "In `{…}` and `[…]` a text with braces must be in quotes. A dollar sign is `$$`."};
    }
    const std::string_view reference = rest.substr(0, close + 1);
    Found found = look_up(rest.substr(2, close - 2), reference, surroundings);
    if (auto* mistake = std::get_if<InterpolationMistake>(&found)) return std::move(*mistake);
    result.text += *std::get_if<std::string>(&found);
    result.looked_up = true;
    result.from_file = result.from_file || rest.starts_with("${file:");
    at += reference.size();
  }
  return result;
}

}  // namespace tocsin
