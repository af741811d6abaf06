#include "detectors/spike/spike.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string_view>

#include "detectors/model_for_test.h"

namespace tocsin {
namespace {

/// One feature, with some settings changed.
Model spike(std::initializer_list<std::pair<std::string_view, double>> changes = {},
            int dimensions = 1) {
  Settings settings(kSpike.parameters);
  for (const auto& [name, value] : changes) settings.set(name, value);
  return Model(std::move(*kSpike.make(settings, dimensions, 1)));
}

std::optional<double> score(const Model& model, double value) {
  return model.score(whole({&value, 1}));
}

void learn(Model& model, double value, double weight = 1) {
  model.learn(whole({&value, 1}), weight);
}

double normal(std::uint64_t count) { return nearly_normal({.seed = 8, .count = count}); }

TEST(Spike, MatchesTheHandWorkedExample) {
  Model model = spike({{"warmup_points", 3}});

  for (const double value : {9.0, 14.0, 10.0}) learn(model, value);

  // The median is 10; spreads are 14 - 10 = 4 above and 10 - 9 = 1 below, of one point each. One
  // more point's weight goes to the other side: both are (4 + 1) / 2 = 2.5 mean absolute
  // deviations, or 2.5 sqrt(pi / 2) = 3.1333 standard deviations.
  EXPECT_NEAR(*score(model, 20), 10 / 3.13328534328875, 1e-12);
  EXPECT_NEAR(*score(model, 5), 5 / 3.13328534328875, 1e-12);

  learn(model, 16);

  // 16 is 6 off, within three standard deviations (9.4): of four points the level takes 6 / 4.
  // Above, the spread is now the mean of 4 and 6, of two points, and one more point's weight goes
  // to the 1 of below: (2 5 + 1) / 3.
  const std::optional<Expectation> expected = model.detector->expectation(model.block.state(), 0);
  EXPECT_DOUBLE_EQ(expected->expected, 11.5);
  EXPECT_NEAR(expected->upper, 11.5 + 3 * 1.2533141373155 * 11 / 3, 1e-12);
}

TEST(Spike, TakesFortyEightBytesAFeature) {
  EXPECT_EQ(spike().block.state().size(), 8U + 48);
  EXPECT_EQ(spike({}, 10).block.state().size(), 8U + 480);
}

TEST(Spike, IsInStandardDeviationsOnNormalData) {
  Model model = spike();
  for (std::uint64_t i = 0; i < 5000; ++i) learn(model, 100 + 5 * normal(i));

  EXPECT_NEAR(*score(model, 100 + 5 * 4), 4, 0.4);
  EXPECT_NEAR(*score(model, 100 - 5 * 4), 4, 0.4);
}

TEST(Spike, RaisesFewFalseAlarmsEvenWhileYoung) {
  int alarms = 0;
  int scored = 0;
  for (std::uint64_t series = 0; series < 100; ++series) {
    Model model = spike();
    for (std::uint64_t i = 0; i < 500; ++i) {
      const double value = nearly_normal({.seed = 9, .key = series, .count = i});
      const std::optional<double> z = score(model, value);
      scored += z.has_value() ? 1 : 0;
      alarms += z > 5 ? 1 : 0;
      learn(model, value);
    }
  }

  EXPECT_EQ(scored, 100 * 480);
  EXPECT_LE(alarms, 5);  // 1 in 10,000
}

TEST(Spike, IsHardlyMovedByAnOutlier) {
  Model model = spike();
  for (std::uint64_t i = 0; i < 300; ++i) learn(model, normal(i));
  const double before = *score(model, 6);

  for (int i = 0; i < 5; ++i) learn(model, 1e9);

  EXPECT_GT(*score(model, 6), 0.8 * before);
}

TEST(Spike, IsNotMisledByAnOutlierAtTheStart) {
  Model model = spike();
  learn(model, 1e6);
  for (std::uint64_t i = 0; i < 40; ++i) learn(model, normal(i));

  EXPECT_GT(*score(model, 20), 6);
}

TEST(Spike, AdoptsALevelShiftOfAnySizeWithinAQuarterOfTheHalfLife) {
  for (const double shift : {50.0, -1e4, 1e10}) {
    Model model = spike({{"half_life_points", 200}});
    for (std::uint64_t i = 0; i < 1000; ++i) learn(model, normal(i));
    EXPECT_GT(*score(model, shift), 20);

    for (std::uint64_t i = 0; i < 60; ++i) learn(model, shift + normal(1000 + i));

    EXPECT_LT(*score(model, shift), 2) << shift;
    EXPECT_GT(*score(model, shift + 10), 5) << shift;
    EXPECT_GT(*score(model, 0), 10) << shift;
  }
}

TEST(Spike, LearnsLessFromLessWeight) {
  Model model = spike({{"half_life_points", 200}});
  for (std::uint64_t i = 0; i < 1000; ++i) learn(model, normal(i));
  Model doubtful = model;

  for (int i = 0; i < 60; ++i) {
    learn(model, 100);
    learn(doubtful, 100, 0.1);
  }

  EXPECT_LT(*score(model, 100), 2);
  EXPECT_GT(*score(doubtful, 100), 20);
}

TEST(Spike, HasASpreadForEachSide) {
  Model model = spike();
  for (std::uint64_t i = 0; i < 3000; ++i) {
    const double value = normal(i);
    learn(model, value > 0 ? 20 * value : value);
  }

  EXPECT_LT(*score(model, 20), 2);
  EXPECT_GT(*score(model, -30), 3);
}

TEST(Spike, GetsUsedToARareSecondValue) {
  Model model = spike();
  for (std::uint64_t i = 0; i < 100; ++i) learn(model, 0);
  EXPECT_GT(*score(model, 1), 10);

  for (std::uint64_t i = 0; i < 1000; ++i) learn(model, i % 50 == 0 ? 1 : 0);

  EXPECT_LT(*score(model, 1), 3);
  EXPECT_GT(*score(model, 20), 10);
}

TEST(Spike, LooksOneWayWhenToldTo) {
  Model up = spike({{"direction", 1}});
  Model down = spike({{"direction", 2}});
  for (std::uint64_t i = 0; i < 100; ++i) {
    learn(up, normal(i));
    learn(down, normal(i));
  }

  EXPECT_GT(*score(up, 20), 5);
  EXPECT_EQ(*score(up, -20), 0);
  EXPECT_EQ(*score(down, 20), 0);
  EXPECT_GT(*score(down, -20), 5);
}

TEST(Spike, WarmsUpEachFeatureOnItsOwn) {
  Model model = spike({{"warmup_points", 10}}, 2);
  const std::array<double, 2> values{1, 2};
  for (int i = 0; i < 10; ++i) model.learn({.values = values, .present = 0b01});

  EXPECT_TRUE(model.score({.values = values, .present = 0b01}).has_value());
  EXPECT_FALSE(model.score({.values = values, .present = 0b10}).has_value());
  EXPECT_TRUE(model.score({.values = values, .present = 0b11}).has_value());
}

}  // namespace
}  // namespace tocsin
