#include "detectors/forecast/lattice.h"

#include <algorithm>
#include <cmath>

namespace tocsin {
namespace {

/// Of a step: what is left below that is rounding.
constexpr double kTolerance = 1e-6;
constexpr std::uint32_t kStepsAQuantum = 128;
/// Share of the newest event in `share`.
constexpr float kForgetting = 1.0F / 64;
constexpr float kOften = .1F;
constexpr double kNear = .5;  // scales
/// Divisions beyond lose all digits: not a lattice.
constexpr double kFinest = 1e-9;

double common_divisor(double a, double b) {
  const double least = kTolerance * std::max(a, b);
  for (int i = 0; i < 24 && b > least; ++i) {
    const double rest = std::remainder(a, b);
    a = b;
    b = std::fabs(rest);
  }
  return a;
}

double lessened(double quantum, double step) {
  if (!(quantum > 0)) return step;
  if (quantum < kFinest * step) return quantum;
  return std::min(quantum, common_divisor(std::max(quantum, step), std::min(quantum, step)));
}

}  // namespace

void Lattice::learn(double last, double value) {
  if (value == common) {
    share += kForgetting * (1 - share);
  } else {
    share -= kForgetting * share;
    if (share < kOften / 4 && value == last) {
      common = value;
      share = kOften;
    }
  }
  const double step = std::fabs(value - last);
  if (!(step > 0)) return;
  quantum = lessened(quantum, step);
  building = lessened(building, step);
  if (++steps < kStepsAQuantum) return;
  quantum = building;
  building = 0;
  steps = 0;
}

double Lattice::snap(double at, double some, double scale) const {
  if (quantum * 16 >= scale) {
    const double count = std::nearbyint((at - some) / quantum);
    if (std::fabs(count) < 1e15) return some + count * quantum;
  }
  return share >= kOften && std::fabs(at - common) <= kNear * scale ? common : at;
}

}  // namespace tocsin
