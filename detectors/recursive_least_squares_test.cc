#include "detectors/recursive_least_squares.h"

#include <gtest/gtest.h>

#include <cmath>

#include "detectors/model_for_test.h"

namespace tocsin {
namespace {

double noise(std::uint64_t key, std::uint64_t i) {
  return nearly_normal({.seed = 5, .key = key, .count = i});
}

TEST(RecursiveLeastSquares, MatchesTheHandWorkedExample) {
  RecursiveLeastSquares<2> one{};

  // Regressors (1, 1) and (1, -1) went with 3 and 1. With a prior of 1 on each coefficient, ridge
  // regression solves (2 + 1) a = 4 and (2 + 1) b = 2.
  const std::array<double, 2> first{1, 1};
  one.learn(first, 3 - one.predict(first), 1, 1);
  const std::array<double, 2> second{1, -1};
  one.learn(second, 1 - one.predict(second), 1, 1);

  EXPECT_NEAR(one.coefficients[0], 4.0 / 3, 1e-12);
  EXPECT_NEAR(one.coefficients[1], 2.0 / 3, 1e-12);
}

TEST(RecursiveLeastSquares, CountsAWeightAsThatManyPoints) {
  RecursiveLeastSquares<2> whole{};
  RecursiveLeastSquares<2> quarters{};
  for (std::uint64_t i = 0; i < 50; ++i) {
    const std::array<double, 2> regressors{1, noise(0, i)};
    const double value = 2 - regressors[1] + noise(1, i);
    whole.learn(regressors, value - whole.predict(regressors), 1, 1);
    for (int j = 0; j < 4; ++j) {
      quarters.learn(regressors, value - quarters.predict(regressors), 0.25, 1);
    }
  }

  EXPECT_NEAR(whole.coefficients[0], quarters.coefficients[0], 1e-9);
  EXPECT_NEAR(whole.coefficients[1], quarters.coefficients[1], 1e-9);
}

TEST(RecursiveLeastSquares, StaysStableThroughAMillionPointsThatExciteOneDirection) {
  RecursiveLeastSquares<4> one{};
  for (std::uint64_t i = 0; i < 1'000'000; ++i) {
    // Nearly the same regressors again and again: the usual form loses its symmetry here.
    const double x = 1e-6 * noise(0, i);
    const std::array<double, 4> regressors{1, 1 + x, 1 - x, 1};
    const double error = 4 + 0.1 * noise(1, i) - one.predict(regressors);
    one.learn(regressors, error, 1, 0.998);
  }
  const std::array<double, 4> regressors{1, 1, 1, 1};

  EXPECT_NEAR(one.predict(regressors), 4, 0.1);
  for (const double each : one.diagonal) EXPECT_GT(each, 0);
  for (const double each : one.coefficients) EXPECT_LT(std::fabs(each), 100);
}

TEST(RecursiveLeastSquares, FollowsACoefficientThatChanges) {
  RecursiveLeastSquares<2> one{};
  for (std::uint64_t i = 0; i < 4000; ++i) {
    const std::array<double, 2> regressors{1, noise(0, i)};
    const double value = (i < 2000 ? 1 : -1) * regressors[1] + 0.3 * noise(1, i);
    one.learn(regressors, value - one.predict(regressors), 1, 0.99);
  }

  EXPECT_NEAR(one.coefficients[1], -1, 0.1);
}

}  // namespace
}  // namespace tocsin
