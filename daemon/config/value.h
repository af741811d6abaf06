// Checked values: what the file says, typed by the table of fields, with places.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/diagnostic.h"
#include "daemon/config/fields.h"

namespace tocsin {

/// What one scalar means for one field.
struct Scalar {
  std::string text;
  double number = 0;                ///< Of a number, boolean (0, 1), duration (ms) or size (bytes).
  std::optional<std::size_t> word;  ///< Index among the field's words.
  bool quoted = false;
  bool from_file = false;  ///< It came by `${file:…}`, and is not shown.
};

/// What the file says for one field.
struct Value {
  enum class Kind : std::uint8_t { scalar, list, section };

  std::string name;
  std::string path;
  TextPlace key_place;
  TextPlace place;
  bool is_valid = true;  ///< Else a mistake has been reported, and nothing here may be used.
  Kind kind = Kind::scalar;
  Scalar scalar;
  std::vector<Value> parts;  ///< Items of a list, fields of a section.

  /// The valid part called `part`, or null.
  const Value* find(std::string_view part) const;
  /// Whether the section says anything for `part`, right or wrong.
  bool mentions(std::string_view part) const;
};

/// Reads one section, with the table's defaults for what the file does not say.
///
/// A name that is read must be in the table; a default must exist where one is asked for.
class Section {
 public:
  /// `value` may be null: nothing was said. Both outlive the section.
  Section(const Value* value, std::span<const Field> fields) : value_(value), fields_(fields) {}

  const Value* find(std::string_view name) const;
  bool mentions(std::string_view name) const;
  Section section(std::string_view name) const;

  double number(std::string_view name) const { return scalar(name).number; }
  std::int64_t integer(std::string_view name) const;
  std::size_t size(std::string_view name) const;
  bool flag(std::string_view name) const { return scalar(name).number != 0; }
  std::string text(std::string_view name) const { return scalar(name).text; }
  /// The index of the word among those of the field; it must be one.
  std::size_t word(std::string_view name) const;
  Scalar scalar(std::string_view name) const;

  /// The valid items of a list, or the one value where the field may be either; empty if nothing
  /// was said.
  std::vector<const Value*> items(std::string_view name) const;
  /// Their texts, or the default.
  std::vector<std::string> texts(std::string_view name) const;

  /// Where the section stands; line 0 where it does not.
  TextPlace place() const { return value_ != nullptr ? value_->place : TextPlace{}; }
  std::string path(std::string_view name) const;

 private:
  const Field& field(std::string_view name) const;

  const Value* value_;
  std::span<const Field> fields_;
};

}  // namespace tocsin
