#include "pipeline/output/rounding.h"

#include <charconv>

namespace tocsin {

double rounded(double value, unsigned decimals) {
  const std::optional<Decimal> decimal = to_decimal(value, decimals);
  return decimal ? decimal->value() : value;
}

double rounded_probability(double value) {
  if (const std::optional<Decimal> decimal = probability_decimal(value)) return decimal->value();
  if (!std::isfinite(value)) return value;
  char text[32];
  const auto written =
      std::to_chars(text, text + sizeof text, value, std::chars_format::scientific, 3);
  double rounded = value;
  std::from_chars(text, written.ptr, rounded);
  return rounded;
}

}  // namespace tocsin
