// Detectors that look at the features of a point one by one.

#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "detectors/baseline.h"
#include "detectors/block.h"
#include "detectors/detector.h"
#include "detectors/parameter.h"
#include "detectors/result.h"

namespace tocsin {

/// A test of one feature: what it knows of one is a `Feature`, which starts as zeros. Values are
/// within kLargestValue, weights above 0. It may have besides
///   score(known, value, scale)  instead: takes the scale of the forecast, 0 where there is none;
///   blame(known, value)         what explains a point: a score without an end, so that of strange
///                               features the one furthest off has most of it;
///   expectation(known)          what was expected of the feature.
template <class T>
concept FeatureTest = BlockPart<typename T::Feature> &&
    requires(const T& test, const typename T::Feature& known, typename T::Feature& learning,
             double number) {
  { test.is_warm(known) } -> std::same_as<bool>;
  test.learn(learning, number, number);
} &&(
    requires(const T& test, const typename T::Feature& known, double number) {
      { test.score(known, number) } -> std::same_as<double>;
    } ||
    requires(const T& test, const typename T::Feature& known, double number) {
      { test.score(known, number, number) } -> std::same_as<double>;
    });

/// Scores a point by its strangest feature. A missing feature neither scores nor learns.
template <FeatureTest Test>
class FeatureByFeature final : public Detector {
 public:
  using Feature = typename Test::Feature;
  static_assert(sizeof(Feature) % 8 == 0);

  FeatureByFeature(const Test& test, int dimensions) : Detector(dimensions), test_(test) {}

  std::size_t state_bytes() const override {
    return static_cast<std::size_t>(dimensions()) * sizeof(Feature);
  }

  void start(State state) const override { std::fill(state.begin(), state.end(), std::byte{0}); }

  std::optional<Expectation> expectation(ConstState state, int dimension) const override {
    if constexpr (requires(const Feature& known) { test_.expectation(known); }) {
      const Feature& known = features(state)[static_cast<std::size_t>(dimension)];
      if (test_.is_warm(known)) return test_.expectation(known);
    }
    return std::nullopt;
  }

 private:
  std::optional<double> score_admitted(ConstState state, const Point& point) const override {
    const std::span<const Feature> all = features(state);
    std::optional<double> largest;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (!point.has(static_cast<int>(i)) || !test_.is_warm(all[i])) continue;
      const double one = score_of(all[i], point, i);
      largest = std::max(largest.value_or(0), std::min(one, kLargestValue));
    }
    return largest;
  }

  std::uint64_t score_each_admitted(ConstState state, const Point& point,
                                    std::span<double> scores) const override {
    const std::span<const Feature> all = features(state);
    std::uint64_t scored = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (!point.has(static_cast<int>(i)) || !test_.is_warm(all[i])) continue;
      scores[i] = std::clamp(score_of(all[i], point, i), 0.0, kLargestValue);
      scored |= std::uint64_t{1} << i;
    }
    return scored;
  }

  void learn_admitted(State state, const Point& point, double weight) const override {
    if (!(weight >= kLeastWeight)) return;
    const auto count = static_cast<std::size_t>(dimensions());
    const std::span<Feature> all = part<Feature>(state, 0, count);
    for (std::size_t i = 0; i < count; ++i) {
      if (!point.has(static_cast<int>(i))) continue;
      test_.learn(all[i], clamp_value(point.values[i]), weight);
    }
  }

  void weigh(ConstState state, const Point& point, std::span<double> shares) const override {
    const std::span<const Feature> all = features(state);
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (!point.has(static_cast<int>(i)) || !test_.is_warm(all[i])) continue;
      if constexpr (requires(const Feature& known) { test_.blame(known, 0.0); }) {
        shares[i] = test_.blame(all[i], clamp_value(point.values[i]));
      } else {
        shares[i] = score_of(all[i], point, i);
      }
    }
  }

  double score_of(const Feature& known, const Point& point, std::size_t dimension) const {
    const double value = clamp_value(point.values[dimension]);
    if constexpr (requires { test_.score(known, value, 0.0); }) {
      return test_.score(known, value, point.scale_of(dimension));
    } else {
      return test_.score(known, value);
    }
  }

  std::span<const Feature> features(ConstState state) const {
    return part<Feature>(state, 0, static_cast<std::size_t>(dimensions()));
  }

  Test test_;
};

/// Makes the detector of a test that is built of its settings: `DetectorKind::make` of most kinds.
template <FeatureTest Test>
Result<std::unique_ptr<Detector>> make_by_feature(const Settings& settings, int dimensions,
                                                  std::uint64_t /*seed*/) {
  return std::unique_ptr<Detector>(
      std::make_unique<FeatureByFeature<Test>>(Test(settings), dimensions));
}

}  // namespace tocsin
