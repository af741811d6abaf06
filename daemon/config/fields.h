// The table of fields: everything a configuration may say.
//
// The checker, the JSON Schema and the reference read this table and nothing else, so that what is
// accepted, what an editor offers and what is documented cannot differ.

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/catalog.h"

namespace tocsin {

/// What a value must be. Beside it, one of the field's `words` is always allowed, and a section
/// where the field has `fields`.
enum class FieldType : std::uint8_t {
  section,       ///< Nothing but a section.
  word,          ///< Nothing but one of the words.
  detector,      ///< A section whose fields depend on its `type`.
  properties,    ///< A section of librdkafka properties.
  text,          ///< Any text.
  app,           ///< What may begin the name of a topic.
  topic,         ///< A topic's name.
  subscription,  ///< A topic's name, or an expression that begins with `^`.
  expression,    ///< A POSIX extended regular expression.
  pointer,       ///< A JSON pointer.
  entity,        ///< A JSON pointer, or `$key`.
  broker,        ///< HOST:PORT, with or without `PROTOCOL://`; or several, with commas between.
  listen,        ///< HOST:PORT.
  boolean,
  integer,
  number,
  duration,  ///< Kept in milliseconds.
  size,      ///< Kept in bytes.
  scalar,    ///< Any number, word or text; quotes are remembered.
};

/// How many of them.
enum class Shape : std::uint8_t { one, list, one_or_list };

/// One thing that can be said, and what is allowed.
struct Field {
  std::string_view name;
  FieldType type = FieldType::text;
  Shape shape = Shape::one;
  bool required = false;
  std::string_view fallback = {};       ///< As it would be written; empty: none, or see the note.
  std::string_view fallback_note = {};  ///< A default that is derived, in words.
  double min = 0;                       ///< Inclusive; of a number, duration or size.
  double max = 0;
  std::size_t items_max = 0;  ///< Of a list; its least is one.
  std::span<const std::string_view> words = {};
  std::span<const Field> fields = {};
  std::string_view example = {};
  std::string_view help;  ///< Sentences, with full stops.
  std::string_view since = "0.1";
};

/// The fields of the file itself.
std::span<const Field> config_fields();

/// The field called `name`, or null.
const Field* find_field(std::span<const Field> fields, std::string_view name);

/// Fields made from the parameters of a kind of detector, with what they point to.
struct DetectorFields {
  explicit DetectorFields(const DetectorKind& kind);
  DetectorFields(const DetectorFields&) = delete;
  DetectorFields& operator=(const DetectorFields&) = delete;

  std::vector<Field> fields;  ///< Those of every detector, then the kind's own.

 private:
  std::deque<std::string> texts_;
  std::vector<std::string_view> scopes_;
};

/// The fields that every detector has.
std::span<const Field> common_detector_fields();

/// The names of all kinds of detectors.
std::vector<std::string_view> detector_names();

std::string_view name_of(Scope scope);

/// "a whole number from 1 to 64, or `auto`": what is allowed, to follow "must be".
std::string allowed(const Field& field);

/// The same of one item, where a field is a list.
std::string allowed_item(const Field& field);

/// The same of numbers: the range in the field's own unit.
std::string format_value(const Field& field, double value);

}  // namespace tocsin
