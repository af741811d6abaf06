// What a detector can be told: a table of parameters, and the values chosen for them.

#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace tocsin {

/// One setting of a detector. Read by the configuration checker, `tocsin detectors`, the
/// reference and the contract tests, so that each says the same.
struct Parameter {
  std::string_view name;  ///< snake_case, the unit last.
  double fallback = 0;    ///< Used where the configuration says nothing. With `choices`: an index.
  double min = 0;         ///< Inclusive.
  double max = 0;         ///< Inclusive.
  bool integer = false;   ///< Fractions are a mistake.
  /// Where not empty, the user writes one of these words and the value is its index.
  std::span<const std::string_view> choices = {};
  std::string_view help;  ///< One sentence: what is gained and lost by turning it up.
};

/// The chosen values, one for each parameter of a detector's kind, in the table's order.
///
/// Every value is within its parameter's range: the configuration checker, or the caller of
/// `set`, has seen to it.
class Settings {
 public:
  /// All fallbacks.
  explicit Settings(std::span<const Parameter> parameters);

  /// The value of the parameter called `name`, which must exist.
  double operator[](std::string_view name) const;

  void set(std::string_view name, double value);

  std::span<const Parameter> parameters() const { return parameters_; }
  std::span<const double> values() const { return values_; }

 private:
  std::size_t index_of(std::string_view name) const;

  std::span<const Parameter> parameters_;
  std::vector<double> values_;  // [parameters]
};

}  // namespace tocsin
