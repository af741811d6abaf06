// Where a feature usually lies, and how far from there.

#pragma once

#include <array>
#include <cstddef>

namespace tocsin {

/// Arithmetic on values up to this cannot overflow. Beyond, they count as this.
inline constexpr double kLargestValue = 1e300;

/// `value`, or the nearest that is calculated with.
double clamp_value(double value);

enum Side : std::size_t { above, below };

/// The level of one feature and its spread on each side, which outliers hardly move. All zeros: has
/// seen nothing. While `points` is below 3, `level` and `spread` are the points.
///
/// The level is a mean that forgets with a half-life and takes nothing further off than three
/// spreads whole (Huber's clipping); the spread above is the clipped mean distance of what lay
/// above the level, likewise below, so that a skewed feature has two. Each begins with equal
/// weights from the median of three points, so early points count as much as they should. A
/// series that was constant has no spread; until it has one, a twentieth of the magnitude stands
/// for it, so constant and two-valued series stay finite.
///
/// A level shift is clipped at first. Once points have been clipped on one side for a quarter of
/// the half-life, weighted as they were learned, the level is where they are and learns anew.
///
/// Source: P. J. Huber, "Robust estimation of a location parameter", Annals of Mathematical
/// Statistics 35 (1964), for the clipping; here recursive and forgetting, with a spread for each
/// side.
struct Baseline {
  double level;
  std::array<double, 2> spread;        // [side] mean distance from the level
  double recent;                       // mean of the points that were clipped in a row
  std::array<float, 2> spread_points;  // [side] weight behind the spread
  float points;                        // weight behind the level
  float streak;                        // weight of the points clipped in a row; < 0: below
};
static_assert(sizeof(Baseline) == 48);

/// In standard deviations: nothing further off moves a baseline more.
inline constexpr double kBaselineClip = 3;

/// How a value lies to the level.
struct Offset {
  double difference;  // from the level
  double distance;    // >= 0
  double deviation;   // > 0: one standard deviation on this side
  Side side;
};

Offset measure(const Baseline& baseline, double value);

/// One standard deviation on one side of the level; > 0. `magnitude` is of level and value.
double deviation(const Baseline& baseline, Side side, double magnitude);

/// One standard deviation, the mean of both sides', as seen by `value`; > 0.
double deviation(const Baseline& baseline, double value);

/// The distance from the level, negative below it, in standard deviations that are the same on both
/// sides: its mean is near 0 for skewed features, too. At most 1e15 in size.
double standardised(const Baseline& baseline, double value);

/// How a baseline learns.
class BaselineRule {
 public:
  explicit BaselineRule(double half_life_points);

  /// `value` is within kLargestValue, `points` (its weight) above 0. The distance to an adopted
  /// level from the one before; 0 where none was adopted.
  double learn(Baseline& baseline, double value, float points) const;

 private:
  double continue_streak(Baseline& baseline, double value, float points) const;

  double forgetting_;      // share of the newest point, once there are many
  float memory_points_;    // the most weight behind a spread
  float adoption_points_;  // weight of a streak that is a new level
};

}  // namespace tocsin
