// A linear regression learned one point at a time.

#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

namespace tocsin {

/// Coefficients of at most N regressors, and how well they are known. All zeros: has seen nothing.
///
/// The covariance is kept as U D U', with unit upper triangular U, and only D is ever scaled: it
/// stays positive however long it is updated, where the usual form fails in the end.
///
/// Source: G. Bierman, "Factorization methods for discrete sequential estimation" (1977), chapter
/// V, the U-D update; the forgetting by division of D, and its cap, are common practice.
template <std::size_t N>
struct RecursiveLeastSquares {
  std::array<double, N> coefficients;
  std::array<double, N> diagonal;              // D; 0 before the first point
  std::array<double, N*(N - 1) / 2> triangle;  // U above its diagonal, column by column

  double predict(std::span<const double> regressors) const {
    double sum = 0;
    for (std::size_t i = 0; i < regressors.size(); ++i) sum += coefficients[i] * regressors[i];
    return sum;
  }

  /// Learns that `regressors` (at most N, of about unit size) went with a value that exceeded the
  /// prediction by `error`, with `weight` in (0, 1]; what was learned before counts `kept` of what
  /// it did.
  void learn(std::span<const double> regressors, double error, double weight, double kept) {
    const std::size_t count = regressors.size();
    std::array<double, N> gain{};
    double variance = 1 / weight;  // of the error: the regressors' share is added one by one
    for (std::size_t j = 0; j < count; ++j) {
      if (diagonal[j] == 0) diagonal[j] = kPrior;
      double* const column = &triangle[j * (j - 1) / 2];  // not read where j is 0
      double along = regressors[j];
      for (std::size_t i = 0; i < j; ++i) along += column[i] * regressors[i];
      const double spread = diagonal[j] * along;
      const double before = variance;
      variance += along * spread;
      diagonal[j] = std::clamp(diagonal[j] * before / variance / kept, kLeast, kMost);
      for (std::size_t i = 0; i < j; ++i) {
        const double old = column[i];
        column[i] = old - gain[i] * along / before;
        gain[i] += old * spread;
      }
      gain[j] = spread;
    }
    for (std::size_t j = 0; j < count; ++j) coefficients[j] += gain[j] / variance * error;
  }

 private:
  static constexpr double kPrior = 1;   // D at first: coefficients near 0, in units of the error
  static constexpr double kMost = 100;  // D: without news it grows by forgetting
  static constexpr double kLeast = 1e-9;
};

}  // namespace tocsin
