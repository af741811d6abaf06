// How large the residuals of a prediction usually are.

#pragma once

#include <algorithm>
#include <cmath>

namespace tocsin {

/// The clipped mean size of standardised residuals, forgetting. All zeros: has seen nothing.
struct ResidualScale {
  float mean;    // size
  float points;  // weight behind it

  /// One standard deviation of residuals, at least a hundredth of one of the values.
  double deviation() const {
    constexpr double kLeast = 0.01;
    return std::max(kDeviations * static_cast<double>(mean), kLeast);
  }

  /// Huber's weight of a residual: 1 within three deviations, less further off.
  double trust(double residual) const {
    if (points < kFirstPoints) return 1;
    const double size = std::fabs(residual);
    return std::min(1.0, kClip * deviation() / std::max(size, 1e-9));
  }

  void learn(double residual, double weight, double forgetting) {
    points = std::min(points + static_cast<float>(weight), kMostPoints);
    const double share = weight * std::max(1 / static_cast<double>(points), forgetting);
    const double size = std::fabs(residual);
    const double most = points <= kFirstPoints ? size : kClip * deviation();
    mean += static_cast<float>(std::min(1.0, share) *
                               (std::min(size, most) - static_cast<double>(mean)));
  }

 private:
  /// Standard deviations in a mean absolute deviation of a normal distribution, sqrt(pi / 2).
  static constexpr double kDeviations = 1.2533141373155003;
  static constexpr double kClip = 3;        // deviations
  static constexpr float kFirstPoints = 8;  // taken whole
  static constexpr float kMostPoints = 16'777'216;
};

}  // namespace tocsin
