#include "daemon/config/value.h"

#include <algorithm>
#include <cassert>
#include <utility>
#include <variant>

#include "daemon/config/scalar.h"

namespace tocsin {

const Value* Value::find(std::string_view part) const {
  for (const Value& value : parts) {
    if (value.is_valid && value.name == part) return &value;
  }
  return nullptr;
}

bool Value::mentions(std::string_view part) const {
  return std::any_of(parts.begin(), parts.end(),
                     [&](const Value& value) { return value.name == part; });
}

const Field& Section::field(std::string_view name) const {
  const Field* found = find_field(fields_, name);
  assert(found != nullptr);
  return *found;
}

const Value* Section::find(std::string_view name) const {
  assert(find_field(fields_, name) != nullptr);
  return value_ != nullptr ? value_->find(name) : nullptr;
}

bool Section::mentions(std::string_view name) const {
  assert(find_field(fields_, name) != nullptr);
  return value_ != nullptr && value_->mentions(name);
}

Section Section::section(std::string_view name) const { return {find(name), field(name).fields}; }

Scalar Section::scalar(std::string_view name) const {
  if (const Value* value = find(name)) return value->scalar;
  const ScalarReading reading = read_scalar(field(name), {.text = field(name).fallback});
  // What was wrong has been reported, and what has no default is not asked for: either way the
  // value goes nowhere.
  if (const auto* scalar = std::get_if<Scalar>(&reading)) return *scalar;
  return {};
}

std::int64_t Section::integer(std::string_view name) const {
  return static_cast<std::int64_t>(number(name));
}

std::size_t Section::size(std::string_view name) const {
  return static_cast<std::size_t>(number(name));
}

std::size_t Section::word(std::string_view name) const { return scalar(name).word.value_or(0); }

std::vector<const Value*> Section::items(std::string_view name) const {
  std::vector<const Value*> result;
  const Value* value = find(name);
  if (value == nullptr) return result;
  if (value->kind != Value::Kind::list) return {value};
  for (const Value& item : value->parts) {
    if (item.is_valid) result.push_back(&item);
  }
  return result;
}

std::vector<std::string> Section::texts(std::string_view name) const {
  std::vector<std::string> result;
  for (const Value* item : items(name)) result.push_back(item->scalar.text);
  if (!mentions(name) && !field(name).fallback.empty()) result.emplace_back(field(name).fallback);
  return result;
}

std::string Section::path(std::string_view name) const {
  const std::string own = value_ != nullptr ? value_->path : "";
  return own.empty() ? std::string(name) : own + "." + std::string(name);
}

}  // namespace tocsin
