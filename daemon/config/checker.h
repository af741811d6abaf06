// Walks a document by the table of fields: what is unknown, missing, of the wrong type or out of
// range is reported; the rest becomes values.

#pragma once

#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "daemon/config/document.h"
#include "daemon/config/fields.h"
#include "daemon/config/findings.h"
#include "daemon/config/interpolation.h"
#include "daemon/config/source_text.h"
#include "daemon/config/surroundings.h"
#include "daemon/config/value.h"

namespace tocsin {

/// Checks one document. All that it is given outlives it; secrets it meets are hidden in `source`.
class Checker {
 public:
  Checker(const Document& document, const Surroundings& surroundings, SourceText& source,
          Findings& findings)
      : document_(document), surroundings_(surroundings), source_(source), findings_(findings) {}

  /// The whole file as one section.
  Value check();

 private:
  /// Where a value belongs.
  struct Slot {
    std::string name;
    std::string path;
    TextPlace key_place;
  };
  /// A scalar's text without references, and what may be told about it.
  struct Resolved {
    std::string text;
    bool quoted = false;
    bool looked_up = false;
    bool from_file = false;
  };

  Value check_section(const YamlNode& node, std::span<const Field> fields, const Slot& slot);
  Value check_field(const YamlNode& node, const Field& field, const Slot& slot);
  Value check_list(const YamlNode& node, const Field& field, const Slot& slot);
  Value check_one(const YamlNode& node, const Field& field, const Slot& slot);
  Value check_scalar(const YamlNode& node, const Field& field, const Slot& slot);
  Value check_detector(const YamlNode& node, const Field& field, const Slot& slot);
  Value check_properties(const YamlNode& node, const Slot& slot);
  Value check_property(const YamlNode& node, const Slot& slot);

  void report_unknown(const Key& key, std::span<const Field> fields, const std::string& path);
  void report_missing(const YamlNode& node, std::span<const Field> fields, const Slot& slot);
  bool report_odd_property(const Slot& slot);
  /// "is …, but must be …".
  void report_mismatch(const YamlNode& node, const Field& field, const Slot& slot,
                       const std::string& allowed);

  std::optional<Resolved> resolve(const YamlNode& node, const std::string& path, bool secret);
  /// Whatever has the name of a secret, wherever it stands.
  void hide_secrets(const YamlNode& node);
  /// Nothing of this value is ever shown.
  void hide(const YamlNode& node);
  void hide_from(std::size_t begin);

  const Document& document_;
  const Surroundings& surroundings_;
  SourceText& source_;
  Findings& findings_;
};

/// What a node is, in words that follow "is".
std::string described(const YamlNode& node);

}  // namespace tocsin
