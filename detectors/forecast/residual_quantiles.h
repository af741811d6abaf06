// Quantiles of residuals, followed one residual at a time.

#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "detectors/forecast/forecaster.h"
#include "detectors/quantile_step.h"

namespace tocsin {

/// The quantiles of `Prediction::kProbabilities`, in mean sizes of residuals.
using ResidualQuantiles = std::array<float, Prediction::kProbabilities.size()>;

/// Those of a normal distribution: where all begin.
inline constexpr ResidualQuantiles kNormalQuantiles{-3.23F, -2.06F, -.845F, 0, .845F, 2.06F, 3.23F};

/// Moves each by a step that falls with the number of `points` behind it, to a least one, so that
/// they go on following; a quantile that is far out moves by larger steps. `weight` is in (0, 1].
inline void learn_residual(ResidualQuantiles& quantiles, double residual, double points,
                           double weight) {
  // The first is about 1 / density of a normal distribution there; both are ours, by measurement.
  constexpr ResidualQuantiles kGain{60, 12, 4, 3, 4, 12, 60};
  constexpr ResidualQuantiles kLeastGain{.15F, .025F, .01F, .008F, .01F, .025F, .15F};
  constexpr ResidualQuantiles kPerNormal{1 / 3.23F, 1 / 2.06F, 1 / .845F, 0,
                                         1 / .845F, 1 / 2.06F, 1 / 3.23F};
  constexpr double kPriorPoints = 30;
  constexpr double kFarthest = 1e6;
  const double z = std::clamp(residual, -kFarthest, kFarthest);
  const double newest = 1 / (points + kPriorPoints);
  for (std::size_t i = 0; i < quantiles.size(); ++i) {
    const auto at = static_cast<double>(quantiles[i]);
    const auto per_normal = static_cast<double>(kPerNormal[i]);
    const double stretch = per_normal > 0 ? std::clamp(std::fabs(at) * per_normal, .3, 1e3) : 1;
    const double gain =
        std::max(static_cast<double>(kGain[i]) * newest, static_cast<double>(kLeastGain[i]));
    const double step = weight * std::min(gain, 1.0) * stretch *
                        quantile_step(z, at, Prediction::kProbabilities[i]);
    quantiles[i] = static_cast<float>(std::clamp(at + step, -kFarthest, kFarthest));
  }
}

}  // namespace tocsin
