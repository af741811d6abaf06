#include "detectors/level_shift/level_shift.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>

#include "detectors/model_for_test.h"

namespace tocsin {
namespace {

Model level_shift(std::initializer_list<std::pair<std::string_view, double>> changes = {}) {
  Settings settings(kLevelShift.parameters);
  for (const auto& [name, value] : changes) settings.set(name, value);
  return Model(std::move(*kLevelShift.make(settings, 1, 1)));
}

std::optional<double> score(const Model& model, double value) {
  return model.score(whole({&value, 1}));
}

void learn(Model& model, double value, double weight = 1) {
  model.learn(whole({&value, 1}), weight);
}

double noise(int i) {
  return nearly_normal({.seed = 3, .key = 1, .count = static_cast<std::uint64_t>(i)});
}

TEST(LevelShift, SaysNothingForFourHundredAndThirtyTwoPoints) {
  Model model = level_shift();
  for (int i = 0; i < 431; ++i) learn(model, noise(i));

  EXPECT_FALSE(score(model, 0).has_value());
  learn(model, 0);
  EXPECT_TRUE(score(model, 0).has_value());
}

TEST(LevelShift, MatchesTheHandWorkedExample) {
  Model model = level_shift();
  // Blocks of 8 whose medians are 10 and 12 by turns: 48 blocks before have the median 12 (the
  // upper of two) and distances 0 and 2 from it, of which the median is 2, the upper again.
  // Neighbours inside a block are equal, so the noise is below 2.
  for (int i = 0; i < 48 * 8; ++i) learn(model, i / 8 % 2 == 0 ? 10 : 12);
  for (int i = 0; i < 6 * 8; ++i) learn(model, 20);

  EXPECT_NEAR(*score(model, 20), (20 - 12) / 2.0, 1e-6);
}

TEST(LevelShift, FindsAShiftOfThreeDeviationsWithinFiftyPoints) {
  Model model = level_shift();
  double normal = 0;
  for (int i = 0; i < 2000; ++i) {
    const double value = noise(i);
    if (const auto now = score(model, value)) normal = std::max(normal, *now);
    learn(model, value);
  }
  double shifted = 0;
  for (int i = 2000; i < 2050; ++i) {
    const double value = 3 + noise(i);
    shifted = std::max(shifted, *score(model, value));
    learn(model, value);
  }

  EXPECT_GT(shifted, 2 * normal);
}

TEST(LevelShift, DoesNotMindSpikes) {
  Model model = level_shift();
  Model spiked = level_shift();
  double largest = 0;
  double largest_spiked = 0;
  for (int i = 0; i < 2000; ++i) {
    const double value = noise(i);
    const double outlier = i % 20 == 0 ? 1000 : value;
    if (const auto now = score(model, value)) largest = std::max(largest, *now);
    if (const auto now = score(spiked, outlier)) largest_spiked = std::max(largest_spiked, *now);
    learn(model, value);
    learn(spiked, outlier);
  }

  EXPECT_LT(largest_spiked, 2 * largest);
}

TEST(LevelShift, SeesOnlyTheDirectionAskedFor) {
  Model up = level_shift({{"direction", 1}});
  Model down = level_shift({{"direction", 2}});
  for (int i = 0; i < 500; ++i) {
    const double value = noise(i) + (i < 450 ? 0 : 9);
    learn(up, value);
    learn(down, value);
  }

  EXPECT_GT(*score(up, 9), 5);
  EXPECT_EQ(*score(down, 9), 0);
}

TEST(LevelShift, TakesSmallEffectsForNone) {
  Model model = level_shift({{"min_effect", 100}});
  for (int i = 0; i < 500; ++i) learn(model, noise(i) + (i < 450 ? 0 : 9));

  EXPECT_EQ(*score(model, 9), 0);
}

TEST(LevelShift, TakesTheScaleOfTheForecast) {
  Model model = level_shift();
  for (int i = 0; i < 500; ++i) learn(model, i < 450 ? 0.0 : 9.0);
  const double value = 9;
  const std::array<Forecast, 1> forecasts{{{.expected = 0, .scale = 6}}};
  Point point = whole({&value, 1});
  point.forecasts = forecasts;

  EXPECT_NEAR(*model.score(point), 9 / 3.0, 1e-6);
}

}  // namespace
}  // namespace tocsin
