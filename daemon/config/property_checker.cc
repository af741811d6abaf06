// The part of the checker that asks librdkafka.

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/checker.h"
#include "daemon/config/suggestion.h"
#include "daemon/config/utf8.h"
#include "pipeline/kafka/properties.h"

namespace tocsin {
namespace {

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

bool is_known(std::string_view name) {
  const std::vector<KnownProperty> known = known_properties();
  return std::any_of(known.begin(), known.end(),
                     [&](const KnownProperty& property) { return property.name == name; });
}

}  // namespace

Value Checker::check_properties(const YamlNode& node, const Slot& slot) {
  Value value{.name = slot.name,
              .path = slot.path,
              .key_place = slot.key_place,
              .place = node.place,
              .kind = Value::Kind::section};
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const Key& key = node.keys[i];
    const std::string path = fmt::format("{}.{}", slot.path, printable(key.text, 60));
    value.parts.push_back(check_property(node.items[i], {key.text, path, key.place}));
  }
  return value;
}

bool Checker::report_odd_property(const Slot& slot) {
  if (const auto reason = why_refused(slot.name)) {
    findings_.error({slot.key_place, slot.path, *reason, ""});
    return true;
  }
  if (is_known(slot.name)) return false;
  const std::vector<std::string> names = settable_properties();
  const std::vector<std::string_view> views(names.begin(), names.end());
  const auto near = nearest(slot.name, views);
  findings_.error({slot.key_place, slot.path, "librdkafka has no property of this name",
                   near ? fmt::format("did you mean `{}`?", *near)
                        : "librdkafka's CONFIGURATION.md lists them."});
  return true;
}

Value Checker::check_property(const YamlNode& node, const Slot& slot) {
  Value value{.name = slot.name,
              .path = slot.path,
              .key_place = slot.key_place,
              .place = node.place,
              .is_valid = false};
  const bool secret = is_secret_name(slot.name);
  const bool odd = report_odd_property(slot);
  // A misspelt name may have been meant to be a secret's.
  if (odd && !is_known(slot.name)) hide(node);
  if (odd) return value;
  if (node.kind != NodeKind::scalar) {
    findings_.error({node.place, slot.path,
                     fmt::format("{}, but must be a text or a number", described(node)), ""});
    return value;
  }
  std::optional<Resolved> resolved = resolve(node, slot.path, secret);
  if (!resolved) return value;
  if (const Result<void> tried = try_property(slot.name, resolved->text); !tried) {
    const bool quiet = secret || resolved->from_file;
    findings_.error({node.place, slot.path,
                     quiet ? "librdkafka does not accept this value"
                           : fmt::format("librdkafka does not accept this value: {}",
                                         printable(trimmed(tried.error().message), 300)),
                     ""});
    return value;
  }
  if (secret && !resolved->looked_up) {
    findings_.warning({node.place, slot.path, "is a secret in plain text",
                       "Keep it elsewhere: `${env:NAME}` or `${file:/path}`."});
  }
  value.is_valid = true;
  value.scalar.text = std::move(resolved->text);
  value.scalar.from_file = resolved->from_file;
  return value;
}

}  // namespace tocsin
