// One feature's number, from its field.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/input/json_token.h"
#include "pipeline/settings.h"

namespace tocsin {

/// What a field gave.
struct FieldReading {
  enum class Kind : std::uint8_t {
    value,
    missing,       ///< Absent or null.
    not_a_number,  ///< Nothing a number or a test can be made of.
    out_of_range,  ///< A number beyond the range of a double.
  };
  Kind kind = Kind::missing;
  double value = 0;
};

/// Reads one feature. The rules are the table in README.md.
///
/// Threads: immutable.
class FeatureReader {
 public:
  explicit FeatureReader(const FeatureSettings& settings);

  /// `token` has no escapes left.
  FieldReading read(const JsonToken& token) const;
  /// What a field must be, for people.
  std::string_view wanted() const;

 private:
  /// One scalar of `in`: text in quotes is a string only; a bare word is compared with strings
  /// by its text, with numbers by its value and with booleans by its word.
  struct Scalar {
    std::string text;
    bool is_bare = true;
    std::optional<double> number;
  };
  FieldReading read_membership(const JsonToken& token) const;

  FeatureTest test_;
  double at_least_;
  bool reads_time_;  ///< For an hour: a text may be a time.
  std::vector<Scalar> in_;
};

/// A number, or a string that is one as a whole; else why not.
FieldReading read_number(const JsonToken& token);

}  // namespace tocsin
