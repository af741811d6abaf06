#include "daemon/config/reference.h"

#include <fmt/format.h>

#include <iterator>
#include <span>
#include <string_view>

#include "daemon/config/fields.h"

namespace tocsin {
namespace {

constexpr std::string_view kBegin = R"(# Configuration reference

Written by `tocsin reference`; do not edit. `deploy/tocsin.yaml` shows the same as a file, and
`tocsin schema` gives it to an editor. The least that is needed:

```yaml
)";

constexpr std::string_view kRules = R"(```

**The file** is one YAML document in UTF-8. Unknown and repeated keys are mistakes; so are tags, merge
keys (`<<`) and aliases that contain themselves. Aliases for whole values are allowed.

**Values.** `true` and `false` are the only booleans. Numbers are written as in JSON. A duration has a
unit: `200ms`, `10s`, `5m`, `1h`, `1d`. A size is in bytes, or has a unit: `64KiB`, `64MiB`, `1GiB`
(powers of 1024), `10MB` (powers of 1000). Where a list is allowed as well as one value, a list of one
may be written as the value.

**References** are replaced in values, never in keys, after the file has been parsed, and what they
bring is read as the option wants it:

| written | stands for |
|---|---|
| `${env:NAME}` | the environment variable; unset is a mistake |
| `${env:NAME:-default}` | the default where it is unset or empty |
| `${env:NAME:?message}` | where it is unset or empty, a mistake with this message |
| `${file:/path}` | what the file holds, without one newline at its end |
| `$$` | a dollar sign; a `$` before anything but `{` and `$` is one, too |

Within `{…}` and `[…]` a reference must be in quotes, because of its braces.
)";

std::string default_text(const Field& field) {
  if (field.required) return "**required**";
  if (!field.fallback.empty()) return fmt::format("`{}`", field.fallback);
  return std::string(field.fallback_note);
}

std::string type_text(const Field& field) {
  if (field.name == "type") return "a detector's name";
  if (field.shape != Shape::list) return allowed(field);
  if (field.type == FieldType::section || field.type == FieldType::detector) {
    return "a list of sections";
  }
  return fmt::format("a list of: {}", allowed_item(field));
}

void append_table(std::string& out, std::span<const Field> fields) {
  out += "\n| option | what it must be | default | since | |\n|---|---|---|---|---|\n";
  for (const Field& field : fields) {
    fmt::format_to(std::back_inserter(out), "| `{}` | {} | {} | {} | {} |\n", field.name,
                   type_text(field), default_text(field), field.since, field.help);
  }
}

void append_sections(std::string& out, std::span<const Field> fields, const std::string& path) {
  for (const Field& field : fields) {
    if (field.fields.empty()) continue;
    const std::string own =
        path + std::string(field.name) + (field.shape == Shape::list ? "[]" : "");
    fmt::format_to(std::back_inserter(out), "\n## `{}`\n\n{}\n", own, field.help);
    append_table(out, field.fields);
    append_sections(out, field.fields, own + ".");
  }
}

void append_detectors(std::string& out) {
  out += "\n## Detectors\n";
  for (const DetectorKind* kind : catalog()) {
    fmt::format_to(std::back_inserter(out), "\n### `type: {}`\n\n{} Blind to: {}\n", kind->name,
                   kind->summary, kind->blind_to);
    const DetectorFields table(*kind);
    std::vector<Field> own;
    for (const Field& field : table.fields) {
      const bool is_common = find_field(common_detector_fields(), field.name) != nullptr;
      if (!is_common || field.name == "scope") own.push_back(field);
    }
    append_table(out, own);
  }
}

}  // namespace

std::string smallest_configuration() {
  return "kafka:\n  brokers: [localhost:9092]\nstreams:\n  - topics: [api-metrics]\n";
}

std::string reference_markdown() {
  std::string out(kBegin);
  out += smallest_configuration();
  out += kRules;
  out += "\n## The file\n";
  append_table(out, config_fields());
  append_sections(out, config_fields(), "");
  append_detectors(out);
  return out;
}

}  // namespace tocsin
