#include "daemon/config/checker.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include "daemon/config/quantity.h"
#include "daemon/config/scalar.h"
#include "daemon/config/suggestion.h"
#include "daemon/config/utf8.h"

namespace tocsin {
namespace {

constexpr int kShownMax = 60;  // Columns of a value that is repeated in a message.

std::vector<std::string_view> names_of(std::span<const Field> fields) {
  std::vector<std::string_view> names;
  for (const Field& field : fields) names.push_back(field.name);
  return names;
}

std::string joined(const std::string& path, std::string_view name) {
  return path.empty() ? std::string(name) : fmt::format("{}.{}", path, name);
}

/// Where in the table a name that does not belong here would belong, as a path.
std::optional<std::string> home_of(std::string_view name, std::span<const Field> fields,
                                   const std::string& path) {
  for (const Field& field : fields) {
    if (field.fields.empty()) continue;
    const std::string own = joined(path, field.name) + (field.shape == Shape::list ? "[]" : "");
    if (find_field(field.fields, name) != nullptr) return own;
    if (auto deeper = home_of(name, field.fields, own)) return deeper;
  }
  return std::nullopt;
}

Value broken(const std::string& name) {
  Value value{.name = name};
  value.is_valid = false;
  return value;
}

}  // namespace

std::string described(const YamlNode& node) {
  switch (node.kind) {
    case NodeKind::null:
      return "is empty";
    case NodeKind::list:
      return node.items.empty() ? "is an empty list" : "is a list";
    case NodeKind::map:
      return "is a section";
    case NodeKind::scalar:
      break;
  }
  const std::string shown = printable(node.text, kShownMax);
  if (node.text.empty()) return "is an empty text";
  return node.plain ? fmt::format("is `{}`", shown) : fmt::format("is the text `\"{}\"`", shown);
}

Value Checker::check() {
  const YamlNode& root = document_.root;
  hide_secrets(document_.dropped);
  hide_secrets(root);
  if (root.kind != NodeKind::map) {
    findings_.error({root.place, "", fmt::format("{}, but must be a section", described(root)),
                     fmt::format("It has `kafka:`, `streams:` and more; allowed: {}.",
                                 listed(names_of(config_fields()), "and"))});
    return broken("");
  }
  return check_section(root, config_fields(), {});
}

Value Checker::check_section(const YamlNode& node, std::span<const Field> fields,
                             const Slot& slot) {
  Value value{.name = slot.name,
              .path = slot.path,
              .key_place = slot.key_place,
              .place = node.place,
              .kind = Value::Kind::section};
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const Key& key = node.keys[i];
    const Field* field = find_field(fields, key.text);
    if (field == nullptr) {
      report_unknown(key, fields, slot.path);
      continue;
    }
    value.parts.push_back(
        check_field(node.items[i], *field, {key.text, joined(slot.path, key.text), key.place}));
  }
  report_missing(node, fields, slot);
  return value;
}

void Checker::report_unknown(const Key& key, std::span<const Field> fields,
                             const std::string& path) {
  const std::vector<std::string_view> names = names_of(fields);
  const bool is_root = path.empty();
  const auto home = home_of(key.text, config_fields(), "");
  std::string hint = suggest(key.text, names);
  if (home) {
    hint = fmt::format("`{}` belongs in `{}`.", key.text, *home);
  } else if (!is_root && find_field(config_fields(), key.text) != nullptr) {
    hint = fmt::format("`{}` belongs at the beginning of a line of its own.", key.text);
  }
  findings_.error(
      {key.place, joined(path, printable(key.text, kShownMax)), "unknown option", std::move(hint)});
}

void Checker::report_missing(const YamlNode& node, std::span<const Field> fields,
                             const Slot& slot) {
  for (const Field& field : fields) {
    if (!field.required) continue;
    if (std::any_of(node.keys.begin(), node.keys.end(),
                    [&](const Key& key) { return key.text == field.name; })) {
      continue;
    }
    findings_.error(
        {node.place, joined(slot.path, field.name), "is missing",
         fmt::format("{} For instance `{}: {}`.", field.help, field.name, field.example)});
  }
}

Value Checker::check_field(const YamlNode& node, const Field& field, const Slot& slot) {
  if (field.shape == Shape::list ||
      (field.shape == Shape::one_or_list && node.kind == NodeKind::list)) {
    return check_list(node, field, slot);
  }
  return check_one(node, field, slot);
}

Value Checker::check_list(const YamlNode& node, const Field& field, const Slot& slot) {
  if (node.kind != NodeKind::list || node.items.empty()) {
    report_mismatch(node, field, slot, allowed(field));
    return broken(slot.name);
  }
  if (node.items.size() > field.items_max) {
    findings_.error(
        {node.place, slot.path,
         fmt::format("has {} items, but may have at most {}", node.items.size(), field.items_max),
         std::string(field.help)});
    return broken(slot.name);
  }
  Value value{.name = slot.name,
              .path = slot.path,
              .key_place = slot.key_place,
              .place = node.place,
              .kind = Value::Kind::list};
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const YamlNode& item = node.items[i];
    value.parts.push_back(
        check_one(item, field, {slot.name, fmt::format("{}[{}]", slot.path, i), item.place}));
  }
  return value;
}

Value Checker::check_one(const YamlNode& node, const Field& field, const Slot& slot) {
  const bool is_map = node.kind == NodeKind::map;
  if (is_map && field.type == FieldType::detector) return check_detector(node, field, slot);
  if (is_map && field.type == FieldType::properties) return check_properties(node, slot);
  if (is_map && !field.fields.empty()) return check_section(node, field.fields, slot);
  if (node.kind == NodeKind::scalar) return check_scalar(node, field, slot);
  report_mismatch(node, field, slot, allowed_item(field));
  return broken(slot.name);
}

Value Checker::check_scalar(const YamlNode& node, const Field& field, const Slot& slot) {
  const std::optional<Resolved> resolved = resolve(node, slot.path, false);
  if (!resolved) return broken(slot.name);
  ScalarReading reading = read_scalar(field, {resolved->text, resolved->quoted});
  if (auto* scalar = std::get_if<Scalar>(&reading)) {
    return {.name = slot.name,
            .path = slot.path,
            .key_place = slot.key_place,
            .place = node.place,
            .scalar = std::move(*scalar)};
  }
  std::string found = described(node);
  if (resolved->from_file) {
    found += ", and what the file holds does not fit";
  } else if (resolved->looked_up) {
    found += fmt::format(", which stands for `{}`", printable(resolved->text, kShownMax));
  }
  std::string hint = std::get_if<ScalarMistake>(&reading)->hint;
  findings_.error({node.place, slot.path,
                   fmt::format("{}, but must be {}", found, allowed_item(field)),
                   hint.empty() ? std::string(field.help) : hint});
  return broken(slot.name);
}

Value Checker::check_detector(const YamlNode& node, const Field& field, const Slot& slot) {
  const auto key = std::find_if(node.keys.begin(), node.keys.end(),
                                [](const Key& candidate) { return candidate.text == "type"; });
  // Without a type its own options are unknown: only those of all detectors can be checked.
  if (key == node.keys.end()) {
    report_missing(node, field.fields, slot);
    return broken(slot.name);
  }
  const YamlNode& type = node.items[static_cast<std::size_t>(key - node.keys.begin())];
  const std::string type_path = slot.path + ".type";
  if (type.kind != NodeKind::scalar) {
    report_mismatch(type, *find_field(field.fields, "type"), {"type", type_path, key->place},
                    "the name of a detector");
    return broken(slot.name);
  }
  const std::optional<Resolved> resolved = resolve(type, type_path, false);
  if (!resolved) return broken(slot.name);
  const DetectorKind* kind = find_detector(resolved->text);
  if (kind == nullptr) {
    findings_.error({type.place, type_path,
                     fmt::format("no detector is called `{}`",
                                 resolved->from_file ? "…" : printable(resolved->text, kShownMax)),
                     suggest(resolved->text, detector_names())});
    return broken(slot.name);
  }
  DetectorFields own(*kind);
  for (Field& each : own.fields) {
    // The type has been found: whatever is written there is right.
    if (each.name == "type") each.type = FieldType::text;
  }
  return check_section(node, own.fields, slot);
}

void Checker::report_mismatch(const YamlNode& node, const Field& field, const Slot& slot,
                              const std::string& allowed) {
  std::string hint(field.help);
  if (node.kind == NodeKind::null) hint = "Without the line, the default is used.";
  if (node.kind == NodeKind::null && field.required) hint = field.help;
  findings_.error({node.place, slot.path,
                   fmt::format("{}, but must be {}", described(node), allowed), std::move(hint)});
}

std::optional<Checker::Resolved> Checker::resolve(const YamlNode& node, const std::string& path,
                                                  bool secret) {
  Interpolation interpolation = interpolate(node.text, surroundings_);
  if (const auto* mistake = std::get_if<InterpolationMistake>(&interpolation)) {
    findings_.error(
        {node.place, path, mistake->message,
         secret && mistake->quotes_value ? "A dollar sign is written `$$`." : mistake->hint});
    return std::nullopt;
  }
  const auto& found = *std::get_if<Interpolated>(&interpolation);
  // What was looked up is typed by the field, however the reference had to be written.
  return Resolved{found.text, !node.plain && !found.looked_up, found.looked_up, found.from_file};
}

void Checker::hide_secrets(const YamlNode& node) {
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const bool secret = node.kind == NodeKind::map && is_secret_name(node.keys[i].text);
    if (secret) {
      hide(node.items[i]);
    } else {
      hide_secrets(node.items[i]);
    }
  }
}

void Checker::hide(const YamlNode& node) {
  if (node.kind == NodeKind::list || node.kind == NodeKind::map) {
    for (const YamlNode& item : node.items) hide(item);
    return;
  }
  const std::size_t begin = source_.offset_of(node.place);
  const std::string_view rest = std::string_view(source_.text()).substr(begin);
  if (node.kind == NodeKind::scalar && node.plain && rest.starts_with(node.text)) {
    source_.hide(begin, begin + node.text.size());
  } else if (node.kind == NodeKind::scalar) {
    hide_from(begin);
  }
}

void Checker::hide_from(std::size_t begin) {
  const auto& starts = document_.starts;
  const auto next = std::upper_bound(starts.begin(), starts.end(), begin);
  source_.hide(begin, next == starts.end() ? source_.text().size() : *next);
}

}  // namespace tocsin
