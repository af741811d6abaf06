// Quantiles followed by stochastic approximation.

#pragma once

namespace tocsin {

/// Which way, and how much of a step, an estimate of the `share`-quantile moves for a value: up by
/// `share` for one above it, down by the rest for one below. On balance it stays where it should
/// be.
inline double quantile_step(double value, double estimate, double share) {
  if (value > estimate) return share;
  if (value < estimate) return share - 1;
  return 0;
}

}  // namespace tocsin
