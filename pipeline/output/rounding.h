// How exactly judgements are written.
//
// What a model believes is no more exact than its evidence, and seventeen digits of it would be
// most of a record. So scores and shares have 4 decimals, probabilities 4 significant digits, and
// confidence 2 decimals. Values of features, their expectations, and what a detector says on its
// own scale are written exactly.

#pragma once

#include <cmath>
#include <cstdint>
#include <optional>

namespace tocsin {

/// A non-negative number as a count of 1 / 10^decimals.
struct Decimal {
  std::uint64_t units = 0;
  unsigned decimals = 0;

  /// The double nearest to it: what a reader of the decimal text gets.
  double value() const;
};

inline constexpr double kPowersOfTen[] = {1, 10, 100, 1e3, 1e4, 1e5, 1e6};

inline double Decimal::value() const { return static_cast<double>(units) / kPowersOfTen[decimals]; }

/// `value` to `decimals` places (at most 6); empty where it is negative, huge or not a number.
inline std::optional<Decimal> to_decimal(double value, unsigned decimals) {
  if (!(value >= 0 && value < 1e9)) return std::nullopt;
  // Half up, of what is not negative. NOLINTNEXTLINE(bugprone-incorrect-roundings)
  return Decimal{.units = static_cast<std::uint64_t>(value * kPowersOfTen[decimals] + 0.5),
                 .decimals = decimals};
}

inline constexpr unsigned kScoreDecimals = 4;
inline constexpr unsigned kShareDecimals = 4;
inline constexpr unsigned kAlertScoreDecimals = 2;
inline constexpr unsigned kConfidenceDecimals = 2;

/// To 4 significant digits; empty below 0.001, where `rounded_probability` must be asked.
inline std::optional<Decimal> probability_decimal(double value) {
  if (value >= 0.1) return to_decimal(value, 4);
  if (value >= 0.01) return to_decimal(value, 5);
  if (value >= 0.001) return to_decimal(value, 6);
  return std::nullopt;
}

/// The double that is written for a number of so many decimals.
double rounded(double value, unsigned decimals);
/// The double that is written for a probability.
double rounded_probability(double value);

}  // namespace tocsin
