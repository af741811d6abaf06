#include "detectors/regression/regression.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "detectors/model_for_test.h"

namespace tocsin {
namespace {

Model regression(int dimensions,
                 std::initializer_list<std::pair<std::string_view, double>> changes = {}) {
  Settings settings(kRegression.parameters);
  for (const auto& [name, value] : changes) settings.set(name, value);
  return Model(std::move(*kRegression.make(settings, dimensions, 1)));
}

double noise(std::uint64_t key, std::uint64_t i) {
  return nearly_normal({.seed = 12, .key = key, .count = i});
}

/// The second feature is twice the first, less the third, and a little noise.
std::array<double, 3> related(std::uint64_t i) {
  const double x = noise(0, i);
  const double y = noise(1, i);
  return {x, 2 * x - y + 0.1 * noise(2, i), y};
}

Model learned(std::uint64_t points) {
  Model model = regression(3);
  for (std::uint64_t i = 0; i < points; ++i) model.learn(whole(related(i)));
  return model;
}

std::optional<double> score(const Model& model, std::array<double, 3> values) {
  return model.score(whole(values));
}

TEST(Regression, IsInStandardDeviationsOfWhatTheOthersLeaveOpen) {
  const Model model = learned(5000);

  // The second should be 2, give or take 0.1.
  EXPECT_NEAR(*score(model, {1, 2.5, 0}), 5, 0.7);
  EXPECT_LT(*score(model, {1, 2, 0}), 1);
}

TEST(Regression, FindsFeaturesThatAreEachNormalButNotTogether) {
  const Model model = learned(2000);

  EXPECT_LT(*score(model, {1, 2, 0}), 2);
  EXPECT_GT(*score(model, {1, -2, 0}), 20);
}

TEST(Regression, TakesFourHundredAndEightyEightBytesAFeature) {
  EXPECT_EQ(regression(1).block.state().size(), 488U);
  EXPECT_EQ(regression(20).block.state().size(), 20 * 488U);
}

TEST(Regression, WithOneFeatureIsItsDistanceFromTheLevel) {
  Model model = regression(1);
  for (std::uint64_t i = 0; i < 2000; ++i) {
    const double value = 7 + noise(0, i);
    model.learn(whole({&value, 1}));
  }
  const double far = 12;

  EXPECT_NEAR(*model.score(whole({&far, 1})), 5, 0.4);
}

TEST(Regression, IsHardlyMovedByOutliers) {
  Model model = learned(2000);
  const double before = *score(model, {1, 3, 0});
  for (int i = 0; i < 5; ++i) model.learn(whole(std::array<double, 3>{1e9, -1e9, 1e12}));

  EXPECT_GT(*score(model, {1, 3, 0}), 0.6 * before);
}

TEST(Regression, FollowsARelationThatChanges) {
  Model model = learned(2000);
  for (std::uint64_t i = 2000; i < 8000; ++i) {
    std::array<double, 3> values = related(i);
    values[1] = -values[0];
    model.learn(whole(values));
  }

  EXPECT_LT(*score(model, {1, -1, 0}), 3);
  EXPECT_GT(*score(model, {1, 2, 0}), 10);
}

TEST(Regression, DoesWithoutAFeatureThatIsMissing) {
  const Model model = learned(2000);
  const std::array<double, 3> values{0, 5, 0};

  EXPECT_GT(*model.score({.values = values, .present = 0b010}), 5);
}

TEST(Regression, LooksOneWayWhenToldTo) {
  Model up = regression(2, {{"direction", 1}});
  for (std::uint64_t i = 0; i < 2000; ++i) {
    const double x = noise(0, i);
    up.learn(whole(std::array<double, 2>{x, x + 0.1 * noise(1, i)}));
  }

  // What is above on one side of a relation is below on the other.
  EXPECT_GT(*up.score(whole(std::array<double, 2>{0, 2})), 10);
  EXPECT_LT(*up.score({.values = std::array<double, 2>{0, -2}, .present = 0b10}), 1);
}

TEST(Regression, RaisesFewFalseAlarmsOnNoise) {
  int alarms = 0;
  for (std::uint64_t series = 0; series < 10; ++series) {
    Model model = regression(3);
    for (std::uint64_t i = 0; i < 2000; ++i) {
      const std::array<double, 3> values = related(i + 10'000 * series);
      alarms += model.score(whole(values)) > 5 ? 1 : 0;
      model.learn(whole(values));
    }
  }

  EXPECT_LE(alarms, 10);
}

}  // namespace
}  // namespace tocsin
