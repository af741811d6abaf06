// Weights of predictors that follow their losses.

#pragma once

#include <cstddef>
#include <span>

namespace tocsin {

/// exp(-x) to the second order, for x >= 0: cheaper, and as good for weights.
inline double fading(double x) { return 1 / (1 + x + x * x / 2); }

/// Weights that sum to 1, a hundredth of which all have alike.
///
/// Source: M. Herbster and M. Warmuth, "Tracking the best expert", Machine Learning 32 (1998),
/// fixed share. Differs in that each shares with itself, too.
inline void share_out(std::span<const double> weights, std::span<float> shares) {
  constexpr double kShared = .01;
  double sum = 0;
  for (const double weight : weights) sum += weight;
  const double kept = (1 - kShared) / sum;
  const double alike = kShared / static_cast<double>(shares.size());
  for (std::size_t i = 0; i < shares.size(); ++i) {
    shares[i] = static_cast<float>(kept * weights[i] + alike);
  }
}

}  // namespace tocsin
