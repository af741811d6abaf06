#include "detectors/detector.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <limits>

namespace tocsin {
namespace {

/// The bits of `dimensions` features.
std::uint64_t all_features(int dimensions) {
  return ~std::uint64_t{0} >> (kMaxDimensions - dimensions);
}

/// The same share for each feature of `mask`, or for all where it is empty.
void share_equally(std::uint64_t mask, std::span<double> shares) {
  if (mask == 0) mask = all_features(static_cast<int>(shares.size()));
  const double share = 1.0 / std::popcount(mask);
  for (std::size_t i = 0; i < shares.size(); ++i) shares[i] = (mask >> i & 1U) != 0 ? share : 0;
}

}  // namespace

bool Detector::admits(const Point& point) const {
  const auto dimensions = static_cast<std::size_t>(dimensions_);
  if (point.values.size() != dimensions) return false;
  for (std::size_t i = 0; i < dimensions; ++i) {
    // NaN and infinities are the numbers whose product with 0 is not 0.
    if ((point.present >> i & 1U) != 0 && !(point.values[i] * 0 == 0)) return false;
  }
  return true;
}

void Detector::explain(ConstState state, const Point& point, std::span<double> shares) const {
  assert(shares.size() == static_cast<std::size_t>(dimensions_));
  const std::uint64_t mask = point.present & all_features(dimensions_);
  if (!admits(point) || mask == 0) return share_equally(mask, shares);
  std::fill(shares.begin(), shares.end(), 0);
  weigh(state, point, shares);
  double largest = 0;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    // A weight that is absent, negative or not a number says nothing.
    if ((mask >> i & 1U) == 0 || !(shares[i] > 0)) shares[i] = 0;
    shares[i] = std::min(shares[i], std::numeric_limits<double>::max());
    largest = std::max(largest, shares[i]);
  }
  if (largest == 0) return share_equally(mask, shares);
  double sum = 0;
  for (double& share : shares) {
    share /= largest;  // first, so that the sum cannot overflow
    sum += share;
  }
  for (double& share : shares) share /= sum;
}

std::optional<Expectation> Detector::expectation(ConstState /*state*/, int /*dimension*/) const {
  return std::nullopt;
}

}  // namespace tocsin
